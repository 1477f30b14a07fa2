"""The access table as a page for people. `docs/access.md` is drawn by this module and compared with it by a house test."""

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import GRANTS, Role
from authority_portal.domain.access.scope import Reach

SIGNS = {Reach.AUTHORITY: "whole authority", Reach.HELD: "held", Reach.OWN: "own"}

HEAD = """# Who may do what

Drawn from `authority_portal/domain/access/roles.py` by `python -m authority_portal.domain.access.picture > docs/access.md`.

**whole authority**: every report of the authority. **held**: reports that the person or one of their teams holds. **own**: only
what is one's own. Empty: not at all. Nobody ever reaches another authority. Every route asks for one of these permissions; every
command asks again for the report at hand.
"""


def drawn() -> str:
    """The page, in Markdown."""
    roles = tuple(Role)
    lines = [
        "| Permission | " + " | ".join(role.value.replace("_", " ") for role in roles) + " |",
        "|---" * (len(roles) + 1) + "|",
    ]
    for permission in Permission:
        reaches = (GRANTS[role].get(permission) for role in roles)
        cells = (SIGNS[reach] if reach is not None else "" for reach in reaches)
        lines.append(f"| `{permission.value}` | " + " | ".join(cells) + " |")
    return HEAD + "\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(drawn(), end="")
