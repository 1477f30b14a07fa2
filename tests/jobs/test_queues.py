"""What a job may do to its worker: nothing."""

import pytest

from authority_portal.foundation.db import bind, bound_authority
from authority_portal.jobs import queues
from tests.builders.authorities import a_town


@pytest.mark.usefixtures("house")
def test_a_failing_job_is_logged_and_leaves_no_trace_in_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_argument: object) -> None:
        raise RuntimeError("rosa@example.org")

    monkeypatch.setitem(queues.WORK, "fail", fail)
    queues.do("fail", 1)
    queues.do("there is no such work", 1)


@pytest.mark.usefixtures("house")
def test_a_job_begins_without_any_authority_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int | None] = []
    monkeypatch.setitem(queues.WORK, "look", lambda _argument: seen.append(bound_authority()))
    bind(a_town().id)
    queues.do("look", 1)
    assert seen == [None]
