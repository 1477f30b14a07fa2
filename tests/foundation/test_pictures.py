"""Only pixels survive, and nothing a stranger sends hurts us."""

import io
import struct
import zlib

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from authority_portal.foundation import pictures
from authority_portal.foundation.pictures import NotAPicture


def _file(form: str, size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(buffer, form, **more)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_pixels_come_back_as_a_new_jpeg(form: str) -> None:
    made = pictures.remake(_file(form))
    image = Image.open(io.BytesIO(made.large))
    assert (image.format, image.size, made.width, made.height) == ("JPEG", (60, 40), 60, 40)
    assert image.convert("RGB").getpixel((30, 20))[0] > 180


def test_nothing_but_pixels_survives() -> None:
    exif = Image.Exif()
    exif[0x010E] = "CANARY-exif"
    exif[0x8825] = {1: "N", 2: (42.0, 21.0, 0.0)}
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "CANARY-text")
    files = [
        _file("JPEG", exif=exif, comment=b"CANARY-comment"),
        _file("PNG", pnginfo=text),
        _file("JPEG") + b"<script>CANARY-appended</script>",
        _file("WEBP", xmp=b"CANARY-xmp"),
    ]
    for raw in files:
        assert b"CANARY" in raw
        made = pictures.remake(raw)
        for data in (made.large, made.small):
            assert b"CANARY" not in data
            image = Image.open(io.BytesIO(data))
            assert not dict(image.getexif())
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_a_turned_photo_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = pictures.remake(_file("JPEG", exif=exif))
    assert (made.width, made.height) == (40, 60)


def test_large_photos_get_smaller_and_the_small_one_is_small() -> None:
    made = pictures.remake(_file("JPEG", (5000, 2500)))
    assert (made.width, made.height) == (2048, 1024)
    assert max(Image.open(io.BytesIO(made.small)).size) == 480


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _bomb(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + _chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7 ...",
        b"GIF89a" + b"\0" * 50,
        _bomb(30_000, 30_000),
        _bomb(1, 100_000_000),
        _file("JPEG")[:200],
        b"\xff\xd8" + b"\0" * (pictures.MOST_BYTES + 1),
    ],
    ids=["empty", "zeros", "svg", "pdf", "gif", "bomb", "ribbon", "cut", "too-large"],
)
def test_what_is_no_photo_is_refused_with_words(raw: bytes) -> None:
    with pytest.raises(NotAPicture) as refused:
        pictures.remake(raw)
    assert str(refused.value).endswith(".")


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_files_are_remade_or_refused(data: st.DataObject) -> None:
    raw = bytearray(_file(data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"])), (300, 200)))
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = pictures.remake(bytes(raw))
    except NotAPicture:
        return
    assert Image.open(io.BytesIO(made.large)).format == "JPEG"
