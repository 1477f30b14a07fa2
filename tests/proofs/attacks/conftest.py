"""The stage of the attacks, and the watch over connections to the outside."""

from collections.abc import Iterator

import pytest

from tests.proofs.attacks import oracle
from tests.proofs.attacks.staging import Stage, set_stage
from tests.proofs.world import World


@pytest.fixture(scope="module")
def stage(world: World) -> Stage:
    """Three authorities with canaries that vanish with the module."""
    return set_stage(world)


@pytest.fixture(autouse=True)
def nobody_asked() -> Iterator[None]:
    """G6 holds in every test of this folder."""
    with oracle.nobody_asked():
        yield


@pytest.fixture
def checked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are checked for their token, as they are outside of tests."""
    monkeypatch.setitem(stage.world.app.config, "WTF_CSRF_ENABLED", True)
