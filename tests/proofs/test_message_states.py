"""Messages under every order of events that workers, the sweeper, servers, deaths and time can make."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from authority_portal.domain.notifications import messages
from authority_portal.domain.notifications.messages import Claimed
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.travel import let_pass
from tests.proofs.sizes import sized

RUNS, STEPS = sized(small=(25, 30), full=(200, 50))
LEASE, STALE = timedelta(seconds=60), timedelta(seconds=30)
FINAL = frozenset({"sent", "failed", "unknown", "cancelled"})
IDS = count(1)
_ROW = text("SELECT state, ambiguous, token FROM message_dispatch WHERE message_id = :it")
_PLANNED = text(
    """INSERT INTO message_dispatch (message_id, authority_id, channel, stream, state, attempts, refusals, ambiguous,
    next_attempt_at, failure) VALUES (:id, :authority, :channel, :stream, 'pending', 0, 0, 0, now(), '')"""
)


@dataclass
class Try:
    """One worker's attempt with one message. The worker may be dead, or taken for dead and still there."""

    claimed: Claimed
    may_hand_over: bool = True
    on_the_line: bool = False
    taken: bool = False


@dataclass
class Mailbox:
    """What really arrived: the truth that the rows can only guess at."""

    channel: str
    stream: int
    copies: int = 0
    seen_final: str = ""
    may_end: set[str] = field(default_factory=lambda: {"sent"})
    """Ends that what happened allows: a refusal for good, or an SMS that nobody knows of. Any other end is a loss."""


@dataclass
class Wire:
    """All messages of one run, by id."""

    boxes: dict[int, Mailbox] = field(default_factory=dict)


class Messages(RuleBasedStateMachine):
    """Any order of claims, hand-overs, answers, deaths and waits."""

    authority_id = 0
    tries = Bundle("tries")

    def __init__(self) -> None:
        super().__init__()
        # Here and not at the end, which a failed assertion would keep from happening.
        with transaction():
            db.session.execute(text("DELETE FROM message_dispatch"))
        self.wire = Wire()
        self.run_number = next(IDS)
        self.batches: list[int] = []

    @rule(stream=st.integers(1, 3), channel=st.sampled_from(["email", "email", "sms"]))
    def plan(self, stream: int, channel: str) -> None:
        """News for somebody. Streams of one run are not those of another."""
        number = next(IDS)
        own_stream = self.run_number * 10 + stream
        ours = {"id": number, "authority": self.authority_id, "channel": channel, "stream": own_stream}
        with transaction():
            db.session.execute(_PLANNED, ours)
        self.wire.boxes[number] = Mailbox(channel, own_stream)

    @rule()
    def sweep(self) -> None:
        """The sweeper finds what is due; what it puts into the queue may be delivered to workers any number of times."""
        with transaction():
            self.batches += [batch.id for batch in messages.take_due(stale=STALE)]

    @precondition(lambda self: self.batches)
    @rule(target=tries, data=st.data())
    def claim(self, data: st.DataObject) -> Try | None:
        """A worker takes the first message of a batch it was told of; those behind it are claimed with it and not touched."""
        batch = data.draw(st.sampled_from(self.batches))
        with transaction():
            claimed = messages.claim(batch, lease=LEASE, limit=1)
        return Try(claimed[0]) if claimed else None

    @rule(one=tries)
    def hand_over(self, one: Try | None) -> None:
        """The server said go ahead. Only who still holds the lease goes on."""
        if one and one.may_hand_over:
            one.may_hand_over = False
            with transaction():
                one.on_the_line = messages.handed_over(one.claimed, lease=LEASE)
            box = self.wire.boxes[one.claimed.message_id]
            if one.on_the_line and box.channel == "sms":
                box.may_end.add("unknown")

    @rule(one=tries)
    def server_takes(self, one: Try | None) -> None:
        """The last byte arrives, perhaps long after the worker was taken for dead."""
        if one and one.on_the_line and not one.taken:
            one.taken = True
            box = self.wire.boxes[one.claimed.message_id]
            box.copies += 1
            earlier = [
                number
                for number, other in self.wire.boxes.items()
                if other.stream == box.stream and number < one.claimed.message_id
            ]
            assert all(self.state(number) in FINAL for number in earlier), "a later message overtook an earlier one"

    @rule(one=tries)
    def write_sent(self, one: Try | None) -> None:
        """The server's 250 is written down, by whoever got it, however late."""
        if one and one.taken:
            with transaction():
                messages.sent(one.claimed)

    @rule(one=tries, for_good=st.booleans())
    def write_refused(self, one: Try | None, for_good: bool) -> None:
        """The server said no: it has not taken it, and this attempt cannot deliver any more."""
        if one and not one.taken:
            one.may_hand_over = one.on_the_line = False
            if for_good and self.row(one.claimed.message_id).token == one.claimed.token:
                self.wire.boxes[one.claimed.message_id].may_end.add("failed")
            with transaction():
                messages.failed(one.claimed, cause="refused", for_good=for_good)

    @rule(one=tries)
    def write_unsure(self, one: Try | None) -> None:
        """The line broke after the last byte."""
        if one and one.on_the_line:
            with transaction():
                messages.unsure(one.claimed, cause="broke")

    @rule(one=tries)
    def let_go(self, one: Try | None) -> None:
        """A worker that ends gives back what it has not begun."""
        if one and one.may_hand_over:
            one.may_hand_over = False
            with transaction():
                messages.let_go(one.claimed)

    @rule(one=tries)
    def renew(self, one: Try | None) -> None:
        """A slow worker shows that it lives."""
        if one:
            with transaction():
                messages.renew(one.claimed, lease=LEASE)

    @rule(seconds=st.sampled_from([1, 20, 40, 61, 3600, 7300]))
    def time_passes(self, seconds: int) -> None:
        """Leases end, waits end."""
        let_pass(timedelta(seconds=seconds))

    @invariant()
    def every_copy_is_marked(self) -> None:
        """More copies than one only where the row says so; none on a channel that is never sent twice."""
        for number, box in self.wire.boxes.items():
            row = self.row(number)
            assert box.copies - 1 <= row.ambiguous, "a second copy without a mark"
            assert box.channel == "email" or box.copies <= 1, "an SMS was sent twice"
            assert row.state != "sent" or box.copies >= 1, "called sent, but never taken"
            assert not box.seen_final or row.state == box.seen_final, "an end is an end"
            box.seen_final = row.state if row.state in FINAL else ""

    def teardown(self) -> None:
        """Once the world is kind again, nothing is stuck and nothing is lost."""
        for _ in range(len(self.wire.boxes) + 2):
            let_pass(timedelta(hours=3))
            with transaction():
                for batch in messages.take_due(stale=STALE):
                    for claimed in messages.claim(batch.id, lease=LEASE):
                        assert messages.handed_over(claimed, lease=LEASE)
                        self.wire.boxes[claimed.message_id].copies += 1
                        messages.sent(claimed)
        ends = {number: self.state(number) for number in self.wire.boxes}
        assert {number: end for number, end in ends.items() if end not in FINAL} == {}, "stuck"
        assert {number: end for number, end in ends.items() if end not in self.wire.boxes[number].may_end} == {}, "lost"
        self.every_copy_is_marked()

    def state(self, number: int) -> str:
        """The message's state."""
        return self.row(number).state

    @staticmethod
    def row(number: int):
        """What is known of the message."""
        with transaction():
            return db.session.execute(_ROW, {"it": number}).one()


def test_no_order_of_events_loses_a_message_or_hides_a_copy(committed, proved):
    Messages.authority_id = a_town().id
    bind(None)

    run_state_machine_as_test(
        Messages,
        settings=settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)),
    )

    proved(size=f"{RUNS:,} runs of up to {STEPS} events", result="0 lost, 0 stuck, 0 unmarked copies, 0 overtaken")
