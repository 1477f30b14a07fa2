"""Web servers under measurement: the portal on a copy of the seed, and the yardstick, both under the same gunicorn."""

import socket
from dataclasses import dataclass

from authority_portal.services import Running
from deploy.bench import cpu, seeds
from deploy.checkout import environment, house
from deploy.checkout.house import House
from deploy.checkout.places import LOCAL
from deploy.checkout.processes import Processes
from deploy.checkout.say import Refused

ROLE = "portal_app"
PREFIX = "bench-"
# Not beside those of `make run`, which ends whatever it finds noted.
RUNNING = LOCAL / "bench/running"


@dataclass(frozen=True)
class Served:
    """A server that answers: its port, its first process, and its database, if it has one."""

    port: int
    pid: int
    database: str = ""

    def cpu(self) -> tuple[float, float]:
        """Milliseconds of CPU used so far: by the web processes with their children, by PostgreSQL's processes for them."""
        return cpu.of_family(self.pid), cpu.of_backends(self.database, ROLE) if self.database else 0.0

    def worker_mb(self) -> float:
        """Resident memory of its largest worker, in MB."""
        return max(map(cpu.memory_mb, cpu.family(self.pid)[1:]), default=0.0)


class Serving:
    """The servers of one run. All of them end with it."""

    def __init__(self) -> None:
        """None yet; those that a killed run left behind are ended."""
        self._processes = Processes(RUNNING)
        house.clear(self._processes)
        self._home = House(self._processes)

    def portal(self, running: Running, database: str) -> Served:
        """The portal on a database, ready."""
        port = _free_port()
        settings = seeds.settings(running, database, port=port)
        env = environment.without_portal() | {name: text for name, text in settings.items() if "OWNER" not in name}
        return self._start(f"{PREFIX}{database}", house.web_command(port), env, port=port, ready="/readyz", database=database)

    def yardstick(self) -> Served:
        """The "hello", ready."""
        port = _free_port()
        command = [*house.web_command(port)[:-1], "deploy.bench.hello:app"]
        return self._start(f"{PREFIX}hello", command, environment.without_portal(), port=port, ready="/")

    def end(self) -> None:
        """End them all."""
        self._home.end()

    def _start(self, name: str, command: list[str], env: dict[str, str], *, port: int, ready: str, database: str = "") -> Served:
        self._home.start(name, command, env)
        self._home.wait_until_ready(f"http://127.0.0.1:{port}", path=ready)
        pid = self._processes.pid_of(name)
        if pid is None:
            raise Refused(f"{name} ended by itself.")
        return Served(port, pid, database)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
