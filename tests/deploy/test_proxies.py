"""nginx and Caddy, run with our examples, in front of the portal as it is run in production."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from authority_portal.config import CHECKOUT
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock, storage
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.deploy.conftest import HOST, TOKEN, Site, free_port, program, running

NGINX, CADDY = CHECKOUT / "deploy/nginx/portal.conf", CHECKOUT / "deploy/caddy/Caddyfile"


def replaced(file, *pairs):
    """The example with this test's ports and folders in the place of the real ones; each must be in it."""
    words = file.read_text()
    for real, ours in pairs:
        assert real in words, f"{file.name} says nothing of {real}"
        words = words.replace(real, ours)
    return words


@pytest.fixture
def certificate(tmp_path):
    """A certificate for nobody."""
    key, crt = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", key, "-out", crt],
        check=True, capture_output=True,
    )  # fmt: skip
    return tmp_path


def nginx(tmp_path, folder, portal, certificate) -> tuple[list[str], int, int]:
    """The command of an nginx with our example, and its two ports."""
    port, plain = free_port(), free_port()
    ours = replaced(
        NGINX,
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("127.0.0.1:8000", f"127.0.0.1:{portal}"),
        ("/etc/portal/tls", str(certificate)),
        ("/var/lib/portal", str(folder)),
        ("/var/log/nginx/", f"{tmp_path}/"),
    )
    (tmp_path / "portal.conf").write_text(ours)
    temporary = "".join(f"{name}_temp_path {tmp_path}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"{'user root;' if os.getuid() == 0 else ''}\nworker_processes 1;\ndaemon off;\npid {tmp_path}/nginx.pid;\n"
        f"events {{ worker_connections 256; }}\nhttp {{\n{temporary}include {tmp_path}/portal.conf;\n}}\n"
    )
    return [program("nginx"), "-p", str(tmp_path), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")], port, plain


def caddy(tmp_path, folder, portal) -> tuple[list[str], int]:
    """The command of a Caddy with our example on plain HTTP, because it would fetch a certificate for a name of ours."""
    port = free_port()
    ours = replaced(
        CADDY,
        ("{$PORTAL_HOST:reports.example.org}", f"http://{HOST}:{port}"),
        ("{$PORTAL_UPSTREAM:127.0.0.1:8000}", f"127.0.0.1:{portal}"),
        ("{scheme}", "https"),
        ("/var/lib/portal", str(folder)),
    )
    (tmp_path / "Caddyfile").write_text(ours)
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")], port


@pytest.fixture(params=["nginx", "caddy"])
def site(request, tmp_path, folder, portal, certificate):
    """The portal behind one of them."""
    if request.param == "nginx":
        command, port, _ = nginx(tmp_path, folder, portal, certificate)
    else:
        command, port = caddy(tmp_path, folder, portal)
    with running(command, tmp_path / "proxy.log", port, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}):
        yield Site(port, portal, tls=request.param == "nginx")


def a_public_photo(content):
    """A cleared photo of a public report, open to everybody by Open311."""
    town = a_town()
    report = a_report(town)
    name = storage.new_name()
    storage.keep(town.id, name, content, content[:100])
    bind(town.id)
    with transaction():
        db.session.add(
            Photo(
                authority_id=town.id, report_id=report.id, state="ready", name=name, added_at=clock.now(), attempts=0, failure="",
                cleared=True,
            )
        )  # fmt: skip
    db.session.remove()
    return town, name


def test_the_portal_works_behind_it_and_nobody_gets_around_it(committed, site, tmp_path):
    content = bytes(range(256)) * 100
    town, name = a_public_photo(content)

    page = site.ask("/sign-in")
    assert page.status == 200
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "nginx/" not in str(page.headers)
    assert all("Secure" in cookie and cookie.startswith("__Host-") for cookie in page.headers.get_all("Set-Cookie") or ())

    # A photo is sent by the proxy, with the portal's headers, and only through the portal.
    media = f"/open311/v2/media/{name}.jpg?jurisdiction_id={town.card.slug}"
    photo = site.ask(media)
    assert (photo.status, photo.content, photo.headers["Content-Type"]) == (200, content, "image/jpeg")
    assert photo.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert photo.headers["Cache-Control"] == "private, no-store"
    assert photo.headers["X-Content-Type-Options"] == "nosniff"
    assert photo.headers["X-Accel-Redirect"] is None
    inside = f"/internal-media/{town.id}/{name[:2]}/{name}.jpg"
    assert site.ask(inside).status == 404
    assert site.ask(f"/open311/v2/media/{'0' * 32}.jpg?jurisdiction_id={town.card.slug}").status == 404

    # The base map comes in parts.
    part = site.ask("/basemap.pmtiles", Range="bytes=0-6")
    assert (part.status, part.content) == (206, b"PMTiles")
    assert part.headers["Cache-Control"] == "public, max-age=86400"
    assert site.ask("/basemap.pmtiles", Range="bytes=999999-").status == 416

    # Figures are for the inside, whoever comes with whatever.
    assert site.ask("/metrics", Authorization=f"Bearer {TOKEN}").status == 404
    assert site.ask("/metrics", X_Forwarded_For="127.0.0.1").status == 404
    assert site.ask("/metrics", port=site.direct).status == 200

    # A form that is too large is refused; nginx does so before it has come.
    large = {"Content_Length": "36000000"} if site.tls else {"body": b"x" * 36_000_000}
    assert site.ask("/sign-in", method="POST", **large).status == 413

    # What a visitor writes into the proxy's headers ends at the proxy.
    spoofed = site.ask("/healthz", X_Request_Id="chosen-by-a-visitor", X_Forwarded_Host="evil.example", X_Forwarded_Proto="http")
    assert spoofed.headers["X-Request-Id"] != "chosen-by-a-visitor"
    sent_home = site.ask("/reports", X_Forwarded_Host="evil.example", Forwarded="host=evil.example", Sec_Fetch_Dest="document")
    assert sent_home.status == 303
    assert "evil" not in sent_home.headers["Location"]

    # Every line that the server writes is JSON, gunicorn's own as well.
    names = [json.loads(line).get("request_id") for line in (tmp_path / "web.log").read_text().splitlines()]
    assert "chosen-by-a-visitor" not in names


@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_no_log_names_a_visitor_or_a_path_while_the_portal_is_away(name, tmp_path, folder, certificate):
    nobody = free_port()
    if name == "nginx":
        command, port, _ = nginx(tmp_path, folder, nobody, certificate)
    else:
        command, port = caddy(tmp_path, folder, nobody)
    with running(command, tmp_path / "proxy.log", port, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}):
        site = Site(port, nobody, tls=name == "nginx")
        assert site.ask("/r/a-secret-link-of-a-resident").status == 502
        if site.tls:
            assert site.ask("/r/another-secret", method="POST", Content_Length="36000000").status == 413

    logs = {file.name: file.read_text() for file in tmp_path.rglob("*.log")}
    assert "proxy.log" in logs
    for file, words in logs.items():
        assert "secret" not in words, file
        # What they listen on and whom they ask has a port; a visitor's address has none.
        assert re.search(r"127\.0\.0\.1(?!:\d)", words) is None, file


def test_nginx_says_that_the_example_is_sound_and_answers_one_host_only(tmp_path, folder, portal, certificate):
    command, port, plain = nginx(tmp_path, folder, portal, certificate)
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr

    with running(command, tmp_path / "proxy.log", port):
        site = Site(port, portal)
        moved = site.ask("/reports?status=open", port=plain)
        assert (moved.status, moved.headers["Location"]) == (308, f"https://{HOST}/reports?status=open")
        with pytest.raises(OSError, match=r"(?i)unrecognized name|reset|closed"):
            site.ask("/", host="evil.example")
        for path in ("/r/a-secret-link-of-a-resident", "/unsubscribe/another-secret"):
            assert site.ask(path).status == 404
        assert site.ask("/r/x", method="POST", Content_Length="70000").status == 413

    logged = (tmp_path / "portal.log").read_text()
    assert "404" in logged
    assert "secret" not in logged
    assert "127.0.0.1" not in logged


def test_caddy_says_that_the_example_is_sound():
    done = subprocess.run(
        [program("caddy"), "adapt", "--adapter", "caddyfile", "--validate", "--config", str(CADDY)],
        capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "HOME": str(Path("/tmp"))},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
