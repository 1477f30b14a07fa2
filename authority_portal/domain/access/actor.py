"""Who acts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import GRANTS, SCOPES, Role
from authority_portal.domain.access.scope import Reach, Scope, Scoped

SYSTEM_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission, as far as one role carries it."""

    permission: Permission
    scope: Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone acting in one authority, with what their roles there allow."""

    id: UUID
    authority_id: int
    grants: frozenset[Grant]
    kind: str = "staff"
    name: str = field(default="", compare=False)
    team_ids: frozenset[int] = frozenset()
    roles: frozenset[Role] = frozenset()

    def may(self, permission: Permission, thing: Scoped) -> bool:
        """True if any grant of `permission` covers `thing`."""
        return thing.authority_id == self.authority_id and any(
            grant.permission is permission and grant.scope.covers(thing) for grant in self.grants
        )

    def holds(self, permission: Permission) -> bool:
        """True if the actor has `permission` at any reach: enough to open a door, never enough to touch a thing."""
        return any(grant.permission is permission for grant in self.grants)

    def reach(self, permission: Permission) -> Reach | None:
        """The widest reach of `permission`, or None. Queries turn it into their condition."""
        reaches = {grant.scope.reach for grant in self.grants if grant.permission is permission}
        return next((reach for reach in (Reach.AUTHORITY, Reach.HELD, Reach.OWN) if reach in reaches), None)


def member(person_id: UUID, authority_id: int, roles: Iterable[Role], *, team_ids: Iterable[int] = (), name: str = "") -> Actor:
    """A member of staff with these roles in one authority."""
    held = frozenset(roles)
    return Actor(
        person_id,
        authority_id,
        _grants(held, person_id, frozenset(team_ids)),
        name=name,
        team_ids=frozenset(team_ids),
        roles=held,
    )


def client(client_id: UUID, authority_id: int, *, scopes: Iterable[str] = SCOPES, name: str = "") -> Actor:
    """An API client of one authority, with as much of its role as the `scopes` of its key allow."""
    roles, carried = frozenset({Role.API_CLIENT}), frozenset(scopes)
    grants = frozenset(grant for grant in _grants(roles, client_id, frozenset()) if grant.permission in carried)
    return Actor(client_id, authority_id, grants, kind="client", name=name, roles=roles)


def system(authority_id: int) -> Actor:
    """The house itself: import, sweeper, command line. May whatever a role may, in the whole authority."""
    scope = Scope(Reach.AUTHORITY, SYSTEM_ID, frozenset())
    return Actor(SYSTEM_ID, authority_id, frozenset(Grant(permission, scope) for permission in Permission), kind="system")


def _grants(roles: frozenset[Role], person_id: UUID, team_ids: frozenset[int]) -> frozenset[Grant]:
    return frozenset(
        Grant(permission, Scope(reach, person_id, team_ids)) for role in roles for permission, reach in GRANTS[role].items()
    )
