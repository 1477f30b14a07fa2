"""Seeded databases: made once per size, kept as templates, copied for every run so that each begins with the same data."""

import re
import subprocess
from pathlib import Path

from authority_portal.services import Running
from deploy.checkout import environment, programs, say, stamps
from deploy.checkout.places import CHECKOUT, LOCAL, PYTHON, check_room
from deploy.checkout.say import Refused

PACKAGE = CHECKOUT / "authority_portal"
FEWEST, MOST = 20_000, 5_000_000
BYTES_PER_REPORT = 5_000
"""What a report takes on disk with its history and indexes, in seed and copy together."""
COPY = "bench"


def chosen_size(text: str) -> int:
    """How many reports N asks for. Refuses what is too few to measure or too many to wait for."""
    if text.isascii() and text.isdigit() and FEWEST <= int(text) <= MOST:
        return int(text)
    raise Refused(f"N={text} is not a size: use a number from {FEWEST} to {MOST}, for instance `make bench N=1000000`.")


def settings(running: Running, database: str, *, port: int = 8000) -> dict[str, str]:
    """The portal's settings for one of the bench's databases: the demo's, without what an environment may say."""
    known = environment.demo_secrets()
    made = running.database(database)
    return {
        "PORTAL_ENV": "demo",
        "PORTAL_DATABASE_URL": made.url,
        "PORTAL_DATABASE_OWNER_URL": made.owner_url,
        "PORTAL_REDIS_URL": running.redis_url,
        "PORTAL_SECRET_KEY": known["DEMO_SECRET_KEY"],
        "PORTAL_DATA_KEYS": known["DEMO_DATA_KEYS"],
        "PORTAL_LINK_KEYS": known["DEMO_LINK_KEYS"],
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL_DEMO_DATA": str(environment.demo_data()),
        "PORTAL_STORAGE_URL": f"file://{LOCAL}/bench/storage",
        # Web workers count together, as in production; two portals beside each other count apart.
        "PORTAL_METRICS_FOLDER": str(LOCAL / "bench" / f"metrics-{port}"),
        # Counted like anywhere else, and never reached.
        **{f"PORTAL_LIMIT_{of}": "1000000" for of in ("STRANGERS", "CLIENT", "STAFF", "UPLOADS")},
    }


def flask(running: Running, database: str, *words: str) -> None:
    """Run a flask command on a database; what it prints goes to the screen if it is the seed, else to a log."""
    command = [str(PYTHON), "-m", "flask", "--app", "wsgi", *words]
    env = environment.without_portal() | settings(running, database)
    if words[:2] == ("bench", "seed"):
        if subprocess.run(command, env=env, cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            raise Refused("The seed could not be made; the reason stands above.")
        return
    programs.run(f"bench {' '.join(words[:2])}", command, env=env)


def exists(running: Running, reports: int) -> bool:
    """True if the seed of this size is there."""
    return _name(reports) in _databases(running)


def copy(running: Running, reports: int, to: str = COPY) -> None:
    """A fresh copy of the seed of this size, which is made first if it is missing, brought to the present schema."""
    if not exists(running, reports):
        _make(running, reports)
    with say.step(f"copy of the seed of {reports:,} reports"):
        running.drop_database(to)
        running.create_database(to, _name(reports))
        flask(running, to, "db", "upgrade")
        flask(running, to, "install", "database")
        # A copy knows nothing of its tables' statistics of use; without this autovacuum would come in the middle.
        running.sql(to, "VACUUM (ANALYZE)")
        running.sql(to, "CHECKPOINT")


def described(running: Running, database: str) -> dict[str, int]:
    """What the seed holds, counted."""
    counted = (
        "count(*)",
        "count(*) FILTER (WHERE status_group <> 'done')",
        "count(DISTINCT authority_id)",
        "count(person_id)",
    )
    numbers = [int(text) for text in running.sql(database, f"SELECT {', '.join(counted)} FROM report").strip().split("|")]
    size = int(running.sql(database, "SELECT pg_database_size(current_database())"))
    return dict(zip(("reports", "open", "authorities", "with_contact"), numbers, strict=True)) | {"bytes": size}


def drop(running: Running, copied: str = COPY) -> None:
    """Take a copy away."""
    running.drop_database(copied)


def _make(running: Running, reports: int) -> None:
    _check_room(running, reports)
    draft = f"{_name(reports)}_new"
    say.line(f"  …  seed of {reports:,} reports, once")
    # Seeds of this size by former code, and drafts of a killed run.
    for old in _databases(running):
        if re.fullmatch(rf"seed_{reports}_.*", old):
            running.drop_database(old)
    running.create_database(draft)
    flask(running, draft, "db", "upgrade")
    flask(running, draft, "install", "database")
    flask(running, draft, "bench", "seed", "--reports", str(reports))
    running.sql(draft, "VACUUM (ANALYZE)")
    running.sql("postgres", f'ALTER DATABASE "{draft}" RENAME TO "{_name(reports)}"')


def _name(reports: int) -> str:
    """The size, and of which code it was made: migrations are made up for in the copy, other seeding is another seed."""
    made_by = stamps.of(PACKAGE / f"cli/bench/{name}.py" for name in ("copies", "seeding", "towns"))
    return f"seed_{reports}_{made_by[:8]}"


def _databases(running: Running) -> list[str]:
    return running.sql("postgres", "SELECT datname FROM pg_database").split()


def _check_room(running: Running, reports: int) -> None:
    check_room(Path(running.sql("postgres", "SHOW data_directory").strip()), reports * BYTES_PER_REPORT)
