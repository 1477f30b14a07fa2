"""`make run`: from a fresh checkout to a running portal, and back to silence."""

import os
import socket
import time
from pathlib import Path

from authority_portal import services
from authority_portal.services import Running
from deploy.checkout import database, environment, house, say, set_up
from deploy.checkout.house import House
from deploy.checkout.places import LOCAL, RUNNING, check_writable
from deploy.checkout.processes import Processes
from deploy.checkout.say import Refused

PASSWORD = "portal-demo-2026"
PEOPLE = ("caseworker", "crew", "supervisor", "analyst", "privacy", "admin")
# What the app's processes must not hold: with it they could pass row-level security.
OWNERS_ONLY = "PORTAL_DATABASE_OWNER_URL"


def main() -> int:
    """Run until somebody asks to end."""
    began = time.monotonic()
    check_writable()
    held = house.lock()
    port = chosen_port(os.environ.get("PORT", "8000"))
    data = environment.demo_data()
    processes = Processes()
    # First, because what a killed run left behind may hold the port.
    house.clear(processes)
    check_port(port)
    processes.note("supervisor", os.getpid())
    given = environment.given()
    database_url, redis_url = given.get("PORTAL_DATABASE_URL", ""), given.get("PORTAL_REDIS_URL", "")
    running: Running | None = None
    home = House(processes)
    try:
        set_up.for_run(own_servers=not (database_url and redis_url))
        with say.step("servers"):
            running = services.start(
                "run", local=LOCAL, database_url=database_url, owner_url=given.get(OWNERS_ONLY, ""), redis_url=redis_url
            )
        _start(home, running, port, data)
        _welcome(port, time.monotonic() - began)
        while True:
            home.check()
            time.sleep(0.5)
    finally:
        if running is not None:
            say.line("\nStopping …")
            home.end()
            running.stop()
        processes.forget("supervisor")
        held.close()


def chosen_port(text: str) -> int:
    """The port that PORT names. Refuses anything that is not one."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise Refused(f"PORT={text} is not a port: use a number from 1 to 65535, for instance `make run PORT=8080`.")


def check_port(port: int) -> None:
    """Refuse a port that is taken or closed to this user, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(
                f"Port {port} cannot be used ({error.strerror}): end what uses it, "
                f"or choose another, for instance `make run PORT={_free_port()}`."
            ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(home: House, servers: Running, port: int, data: Path) -> None:
    port_file = RUNNING / "mail-sink.port"
    port_file.unlink(missing_ok=True)
    sink = [
        "demo/mail_sink.py",
        "--folder",
        environment.given().get("PORTAL_MAIL_FOLDER", str(LOCAL / "mail")),
        "--port",
        "0",  # any free one: a second checkout on this machine has a sink as well
        "--port-file",
        str(port_file),
    ]
    home.start("mail-sink", sink, environment.without_portal())
    settings = environment.of_the_demo(servers, port=port, mail_port=house.wait_for_port(port_file, home), data=data)
    environment.write(settings)
    database.prepare(settings)
    env = environment.without_portal() | {name: value for name, value in settings.items() if name != OWNERS_ONLY}
    with say.step("web and workers"):
        home.start("web", house.web_command(port), env)
        home.start("worker", ["-m", "authority_portal.worker"], env)
        home.wait_until_ready(f"http://127.0.0.1:{port}")


def _welcome(port: int, seconds: float) -> None:
    accounts = "  ".join(f"{name}@boston.example" for name in PEOPLE)
    say.line(
        f"\nReady after {seconds:.1f} s:  http://127.0.0.1:{port}\n\n"
        f"  Sign in with   {accounts}\n"
        f"  or the same at otherton.example; the password of all is   {PASSWORD}\n"
        f"  What residents were sent:  http://127.0.0.1:{port}/demo/messages\n\n"
        "Ctrl-C stops everything."
    )
