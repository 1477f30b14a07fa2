"""Nothing lost, nothing stuck, every copy marked: a whole portal while its processes are killed and its servers vanish."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from sqlalchemy import create_engine, pool, text

from authority_portal.domain.authorities import commands
from authority_portal.domain.notifications.letters import key_of
from authority_portal.foundation.db import bind, transaction
from authority_portal.web.guard import cookie_name
from tests.builders.authorities import a_town
from tests.builders.staff import a_member, a_session
from tests.proofs.kill.clients import send_report, take_step
from tests.proofs.kill.disturbance import Disturber, Plan
from tests.proofs.kill.stage import Portal, a_portal
from tests.proofs.sizes import sized

REPORTS = sized(small=20, full=500)
PLAN = sized(
    small=Plan(seconds=12, kills=12, flushes=1, redis_kills=1, restarts=1),
    full=Plan(seconds=100, kills=100, flushes=5, redis_kills=2, restarts=2),
)
CLIENTS = 4
STUCK_AFTER = 120.0
"""Seconds of peace after which whatever still waits counts as stuck."""


def test_nothing_is_lost_nothing_is_stuck_and_every_copy_is_marked(
    environment: dict[str, str], tmp_path: Path, proved: Callable[..., None]
) -> None:
    with a_portal(environment, tmp_path) as portal:
        disturber = Disturber(portal, PLAN)
        disturber.start()
        references = report_and_answer(portal, disturber)
        disturber.join()
        peace = time.monotonic()
        while counts(portal) != finished() and time.monotonic() < peace + STUCK_AFTER:
            time.sleep(0.2)
        took = time.monotonic() - peace
        assert counts(portal) == finished(), portal.last_words()
        assert len(set(references.values())) == REPORTS
        assert stored_references(portal) == Counter(references.values())  # none lost, none twice
        duplicates, marked = copies(portal, list(references))

    proved(
        size=f"{REPORTS} reports and {REPORTS} steps over HTTP, {2 * REPORTS} messages; {disturber.kills} kills of web, workers "
        f"and sweeper, {PLAN.flushes} × FLUSHALL, {PLAN.redis_kills} × Redis killed, {PLAN.restarts} × PostgreSQL immediate "
        f"restart, SMTP 451, {disturber.cuts} messages cut off",
        result=f"0 lost, 0 stuck, all sent {took:.1f} s after the last disturbance, {duplicates} duplicates, {marked} marked",
    )
    # A worker, the line or the database that dies between the last byte and the note of it: each may cost one copy.
    assert duplicates <= disturber.kills + disturber.cuts + PLAN.restarts


def report_and_answer(portal: Portal, disturber: Disturber) -> dict[str, str]:
    """Every address reports once and its report takes one step, spread over the time of disturbance. Gives the references."""
    town = a_town()
    bind(town.id)
    with transaction():
        _, key = commands.new_key(name="City app", by=town.house)
    cookie = {cookie_name(): a_session(a_member(town, teams=["streets"]))}
    bind(None)
    base, received, on = f"http://127.0.0.1:{portal.port}", town.statuses["received"], town.statuses["in_progress"]
    waiting: SimpleQueue[int] = SimpleQueue()
    for number in range(REPORTS):
        waiting.put(number)
    references: dict[str, str] = {}
    broken: list[BaseException] = []
    began = time.monotonic()

    def work() -> None:
        try:
            while True:
                number = waiting.get_nowait()
                time.sleep(max(0.0, began + PLAN.seconds * 0.9 * number / REPORTS - time.monotonic()))
                reference = send_report(base, key, number, f"r{number}@example.org")
                take_step(base, cookie, reference, seen=received, to=on)
                references[f"r{number}@example.org"] = reference
        except Empty:
            return
        except BaseException as error:  # a thread's failure must reach the test
            broken.append(error)

    clients = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert not broken, (broken, disturber.broken, portal.last_words())
    return references


def finished() -> dict[str, int]:
    """What `counts` says when everybody was told everything."""
    return {"sent": 2 * REPORTS, "events": 0}


def counts(portal: Portal) -> dict[str, int]:
    """How many messages are in which state, and how many events wait."""
    rows = dict(_asked(portal, "SELECT state, count(*) FROM message_dispatch GROUP BY state"))
    return rows | {"events": _asked(portal, "SELECT count(*) FROM outbox_event WHERE state = 'pending'")[0][0]}


def stored_references(portal: Portal) -> Counter[str]:
    """Every report there is."""
    return Counter(reference for (reference,) in _asked(portal, "SELECT reference FROM report"))


def copies(portal: Portal, everybody: list[str]) -> tuple[int, int]:
    """Everybody got both messages, in order; how many copies came on top, each allowed by its message's own mark."""
    arrived = Counter((address, str(mail["Message-ID"])) for address, mail in portal.sink.took)
    assert Counter(address for address, _ in arrived) == Counter(dict.fromkeys(everybody, 2))
    for address in everybody:
        firsts = list(dict.fromkeys(str(mail["Subject"]).partition(" ")[0] for mail in portal.sink.to(address)))
        assert firsts == ["We", "Your"]  # none overtook
    marks = {
        key_of(dedupe_key, person_id): ambiguous
        for dedupe_key, person_id, ambiguous in _asked(
            portal, "SELECT dedupe_key, person_id, ambiguous FROM message JOIN message_dispatch ON message_id = message.id"
        )
    }
    unmarked = {name: times for (_, name), times in arrived.items() if times - 1 > marks[name.strip("<>").partition("@")[0]]}
    assert not unmarked
    return sum(arrived.values()) - len(arrived), sum(marks.values())


def _asked(portal: Portal, question: str) -> list[tuple[object, ...]]:
    """Asked as the owner, who sees the rows of every authority."""
    engine = create_engine(portal.postgres.database("portal").owner_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]
