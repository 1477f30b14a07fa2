"""What a command hands on of its own environment."""

import pytest

from deploy.checkout import environment


def test_tests_hear_of_the_size_of_the_proofs_and_of_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_PROOF", "full")
    monkeypatch.setenv("PORTAL_SMTP_URL", "smtp://mail.example:25")
    seen = environment.for_tests()
    assert {name: value for name, value in seen.items() if name.startswith("PORTAL_")} == {"PORTAL_PROOF": "full"}
