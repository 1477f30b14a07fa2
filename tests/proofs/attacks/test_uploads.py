"""5.4: attacks on uploads, sent to the report page as whole forms."""

import io
import struct
import zipfile
import zlib
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image, ImageCms
from sqlalchemy import select
from werkzeug.test import TestResponse

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import pictures, storage
from authority_portal.foundation.db import bind, db
from authority_portal.foundation.pictures import NotAPicture
from tests.proofs.attacks.staging import Stage

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"<script>alert('CANARY')</script>"


def a_picture(form: str = "JPEG", *, mode: str = "RGB", size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    """A small picture in any form that Pillow writes."""
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, form, **more)
    return buffer.getvalue()


def several(form: str, count: int) -> bytes:
    """Many pictures in one file."""
    frames = [Image.new("RGB", (40, 30), (number % 255, 0, 0)) for number in range(count)]
    return a_picture(form, save_all=True, append_images=frames)


def a_zip(name: str) -> bytes:
    """An archive with one file of this name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    return buffer.getvalue()


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return a_picture(exif=exif)


def with_profile(length: int) -> bytes:
    """A photo with a colour profile that is far too long."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return a_picture(icc_profile=profile + b"\0" * (length - len(profile)))


def a_bomb(width: int, height: int) -> bytes:
    """A file of a few bytes that says it is huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1_000)) + chunk(b"IEND", b"")


REFUSED = {
    "U01 13,000 x 13,000": a_bomb(13_000, 13_000),
    "U01 2^31-1 x 1": a_bomb(2**31 - 1, 1),
    "U02 gif": several("GIF", 300),
    "U02 tiff of many pages": several("TIFF", 3),
    "U02 nothing": b"",
    "U04 svg": b"<svg xmlns='http://www.w3.org/2000/svg'><foreignObject/><script>alert(1)</script></svg>",
    "U04 xxe": b"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>",
    "U04 html": b"<!DOCTYPE html>" + SCRIPT,
    "U04 pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
    "U04 php": b"<?php system($_GET['c']); ?>",
    "U04 gif and script": b"GIF89a=1;" + SCRIPT,
    "U04 eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n",
    "U04 psd": b"8BPS\0\1" + b"\0" * 40,
    "U04 ico": a_picture("ICO", size=(16, 16)),
    "U08 zip": a_zip("../../etc/cron.d/x"),
    "U08 docx": a_zip("word/document.xml"),
    "U12 eicar": EICAR,
}
REMADE = {
    "U02 moving png": several("PNG", 40),
    "U02 moving webp": several("WEBP", 40),
    "U02 cmyk": a_picture(mode="CMYK"),
    "U02 16 bits": a_picture("PNG", mode="I;16"),
    "U04 mpo": several("MPO", 2),
    "U04 script behind the picture": a_picture() + SCRIPT,
    "U04 archive behind the picture": a_picture() + a_zip("CANARY"),
    "U12 colour profile of 9 MB": with_profile(9 * 1024 * 1024),
    "U12 orientation 0": turned(0),
    "U12 orientation 9": turned(9),
    "U12 nothing but transparency": a_picture("PNG", mode="RGBA"),
}
HALF = a_picture(size=(900, 900))[:-300]


def cases(table: dict[str, bytes]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("raw", [pytest.param(raw, id=name) for name, raw in table.items()])


def upload(stage: Stage, files: list[tuple[bytes, str]], *, role: Role = Role.CASEWORKER, refused: bool = False) -> TestResponse:
    path = f"/reports/{stage.a.facts['reference']}/photos"
    data = {"photos": [(io.BytesIO(raw), name) for raw, name in files], "form_id": str(uuid4())}
    return stage.strike(path, method="POST", role=role, data=data, content_type="multipart/form-data", refused=refused)


@cases(REFUSED)
def test_u01_u02_u04_u08_u12_what_is_no_photo_is_refused(stage: Stage, raw: bytes) -> None:
    answer = upload(stage, [(raw, "photo.jpg")], refused=True)

    assert answer.status_code == 422
    assert "CANARY" not in answer.text


@cases(REMADE)
def test_u02_u04_u12_of_a_photo_only_the_pixels_stay(raw: bytes) -> None:
    made = pictures.remake(raw)

    for data in (made.large, made.small):
        image = Image.open(io.BytesIO(data))
        assert (image.format, image.mode, getattr(image, "n_frames", 1)) == ("JPEG", "RGB", 1)
        assert not dict(image.getexif())
        assert "icc_profile" not in image.info
        assert b"CANARY" not in data
        assert len(data) < 100_000


def test_u02_half_a_photo_is_refused_or_remade() -> None:
    try:
        made = pictures.remake(HALF)
    except NotAPicture:
        return
    assert Image.open(io.BytesIO(made.large)).format == "JPEG"


NAMES = [
    "../../etc/cron.d/x.jpg",
    r"C:\x.jpg",
    "a.jpg%00.html",
    "con.jpg",
    "x" * 5_000 + ".jpg",
    "x.jpg;.html",
    "\u202egpj.exe",
    "a\u2028b<img src=x>.jpg",
]


@pytest.mark.parametrize("names", [pytest.param(NAMES[:4], id="U05 paths"), pytest.param(NAMES[4:], id="U05 letters")])
def test_u05_what_a_file_is_called_is_never_looked_at(stage: Stage, names: list[str]) -> None:
    small = a_picture()
    path = f"/reports/{stage.a.facts['reference']}/photos"
    with stage.world.undone():
        before = set(photo_names(stage))
        browser = stage.world.browser(stage.a, Role.CASEWORKER)
        data = {"photos": [(io.BytesIO(small), name) for name in names], "form_id": str(uuid4())}
        answer = browser.post(path, data=data, content_type="multipart/form-data")
        assert answer.status_code == 303
        new = set(photo_names(stage)) - before
        page = browser.get(f"/reports/{stage.a.facts['reference']}")
        shown = browser.get(f"/photos/{next(iter(new))}")
        assert shown.mimetype == "image/jpeg"
        assert "x.jpg" not in shown.headers.get("Content-Disposition", "")
        shown.close()
    assert len(new) == len(names)
    assert all(name.replace("-", "").replace("_", "").isalnum() for name in new)
    assert not [name for name in names if name in page.text]


def photo_names(stage: Stage) -> list[str]:
    """Names of the photos of A."""
    bind(stage.a.town.id)
    found = list(db.session.scalars(select(Photo.name).where(Photo.authority_id == stage.a.town.id)))
    db.session.rollback()
    return [name for name in found if name]


def test_u05_a_file_name_with_lines_makes_no_header(stage: Stage) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg\r\nX-Evil: 1\r\n\r\n"\r\n\r\n'
    path = f"/reports/{stage.a.facts['reference']}/photos"
    kind = "multipart/form-data; boundary=b"

    answer = stage.strike(path, method="POST", data=head + a_picture() + b"\r\n--b--\r\n", content_type=kind, refused=True)

    assert answer.status_code in (400, 422)
    assert "X-Evil" not in answer.headers


def test_u07_more_than_ten_megabytes_or_more_than_six_files_are_refused(stage: Stage) -> None:
    large = a_picture() + b"\0" * (11 * 1024 * 1024)
    assert upload(stage, [(large, "a.jpg")], refused=True).status_code == 422
    assert upload(stage, [(b"x", f"{number}.jpg") for number in range(100)], refused=True).status_code == 422
    assert upload(stage, [(b"x", f"{number}.jpg") for number in range(301)], refused=True).status_code == 413


class Endless(io.RawIOBase):
    """A body without end, as a chunked request can have."""

    def __init__(self, head: bytes) -> None:
        self.head, self.read_so_far = head, 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        part = self.head[: len(into)] if self.head else b"\xff" * len(into)
        self.head = self.head[len(part) :]
        into[: len(part)] = part
        self.read_so_far += len(part)
        return len(part)


@pytest.fixture
def endless() -> Endless:
    return Endless(b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n\xff\xd8')


def test_u07_a_body_of_no_length_is_cut_off_where_the_largest_ends(stage: Stage, endless: Endless) -> None:
    answer = stage.strike(
        f"/reports/{stage.a.facts['reference']}/photos",
        method="POST",
        content_type="multipart/form-data; boundary=b",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": endless, "wsgi.input_terminated": True},
        refused=True,
    )
    assert answer.status_code == 413
    assert endless.read_so_far < 40 * 1024 * 1024


def test_u10_a_photo_that_is_uncleared_again_is_gone_for_those_it_was_cleared_for(stage: Stage) -> None:
    """An administrator sees cleared photos only."""
    name, reference = stage.a.facts["photo"], stage.a.facts["reference"]
    admin = stage.world.browser(stage.a, Role.ADMINISTRATOR)
    with stage.world.undone():
        desk = stage.world.browser(stage.a, Role.CASEWORKER)
        seen = []
        for cleared in ("1", "0"):
            assert desk.post(f"/reports/{reference}/photos/{name}/clear", data={"cleared": cleared}).status_code == 303
            answer = admin.get(f"/photos/{name}")
            seen.append((answer.status_code, answer.headers["Cache-Control"]))
            answer.close()
    assert [status for status, _ in seen] == [200, 404]
    assert all("no-store" in kept for _, kept in seen)


GUESSES = [
    "{photo}.jpg",
    "{photo}-small",
    "{photo}_480",
    "{photo}/small",
    "{photo}?size=original",
    "..%2f{photo}",
    "{photo}%00",
    "{new}",
]


@pytest.mark.parametrize("guess", [pytest.param(guess, id=f"U10 {guess}") for guess in GUESSES])
def test_u10_no_address_leads_to_another_form_of_a_photo(stage: Stage, guess: str) -> None:
    own, theirs = (guess.format(photo=place.facts["photo"], new=storage.new_name()) for place in (stage.a, stage.b))
    for path in (own, theirs):
        for beginning in ("/photos/", "/static/", "/storage/"):
            assert stage.strike(f"{beginning}{path}").status_code in (400, 404)
