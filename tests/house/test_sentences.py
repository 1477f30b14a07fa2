"""What the domain says to people is a Sentence, and what rows keep of it is known again."""

import ast

import pytest

from authority_portal.config import CHECKOUT
from authority_portal.domain.notifications import causes
from tests.house import foreign

SPEAK_TO_PEOPLE = (
    "foundation/parsing.py",
    "domain/people/contact.py",
    "domain/reports/answering.py",
    "domain/reports/filters.py",
)


@pytest.mark.parametrize("name", SPEAK_TO_PEOPLE)
def test_parsers_raise_sentences(name: str) -> None:
    tree = ast.parse((CHECKOUT / "authority_portal" / name).read_text(encoding="utf-8"))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    values = [call.args[0] for call in raised if isinstance(call.func, ast.Name) and call.func.id == "ValueError"]
    assert values
    assert [
        ast.unparse(each) for each in values if not (isinstance(each, ast.Call) and ast.unparse(each.func) == "Sentence")
    ] == []


def test_why_a_message_did_not_leave_is_known_again() -> None:
    """Channels and jobs write the cause in English; each of their texts is one that the report page can say in any language."""
    written: set[str] = set()
    for name in ("channels/email/line.py", "jobs/deliver.py"):
        for node in ast.walk(ast.parse((CHECKOUT / "authority_portal" / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                written |= {text for key in node.keywords if key.arg == "cause" and (text := _sample(key.value))}
                if called in {"Never", "NotNow", "Unreachable", "Unsure"} and (text := _sample(node.args[0])):
                    written.add(text)
    assert len(written) >= 10
    known = {text for text in foreign.texts() if isinstance(text, str)}
    assert {text for text in written if causes.read(text).msgid not in known} == set()


def _sample(node: ast.expr) -> str:
    """A text with its values filled in by something."""
    if isinstance(node, ast.JoinedStr):
        fill = {"what": "recipient"}
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else fill.get(ast.unparse(part.value), "451")
            for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
