"""The demo's accounts, their roles and teams, and the API keys."""

from dataclasses import dataclass
from uuid import UUID

from authority_portal.cli.demo.towns import DemoTown
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities import commands as authorities
from authority_portal.domain.staff import commands as staff
from authority_portal.domain.staff import passwords


@dataclass(frozen=True, slots=True)
class Part:
    """One account: the part before the @, a name, a role, teams by code."""

    account: str
    name: str
    role: Role
    teams: tuple[str, ...] = ()


_BOSTON_TEAMS = (
    "pwdx-street-light-outages",
    "pwdx-sidewalk-repair",
    "pwdx-highway-construction",
    "pwdx-graffiti",
    "park-tree-maintenance-request",
    "btdt-sign-shop-sign-installation",
)
_LEADERS = (
    Part("analyst", "Noor Haddad", Role.ANALYST),
    Part("privacy", "Edith Lindqvist", Role.PRIVACY_OFFICER),
    Part("admin", "Joaquín Reyes", Role.ADMINISTRATOR),
)
CAST: dict[str, tuple[Part, ...]] = {
    "boston": (
        Part("caseworker", "Kim Alvarez", Role.CASEWORKER, _BOSTON_TEAMS),
        Part("crew", "Dana Brook", Role.CREW, ("pwdx-sidewalk-repair",)),
        Part("supervisor", "Sol Whitaker", Role.SUPERVISOR, _BOSTON_TEAMS),
        *_LEADERS,
        Part("alex.moreau", "Alex Moreau", Role.CASEWORKER, ("pwdx-street-light-outages", "pwdx-graffiti")),
        Part("bo.nakamura", "Bo Nakamura", Role.CASEWORKER, ("park-tree-maintenance-request", "park-new-tree-requests")),
        Part("ines.okafor", "Ines Okafor", Role.CASEWORKER, ("isd-housing-internal", "isd-building-internal")),
    ),
    "otherton": (
        Part("caseworker", "Robin Ashdown", Role.CASEWORKER, ("highways-crew", "cleansing-crew")),
        Part("crew", "Jo Farrow", Role.CREW, ("cleansing-crew",)),
        Part("supervisor", "Gwen Pryce", Role.SUPERVISOR, ("highways-crew", "cleansing-crew", "parks-team")),
        *_LEADERS,
        Part("max.holt", "Max Holt", Role.CASEWORKER, ("parks-team",)),
    ),
}
CLIENT = "Citizen app (demo)"


def move_in(town: DemoTown, by: Actor, parts: tuple[Part, ...]) -> dict[str, UUID]:
    """Give everybody their account with the demo's password, and the town its key; returns ids by account."""
    authorities.new_key(name=CLIENT, by=by, secret=town.api_key)
    password_hash = passwords.hashed(passwords.DEMO_PASSWORD)
    return {
        part.account: staff.add(
            email=f"{part.account}@{town.slug}.example",
            name=part.name,
            roles=[part.role],
            team_codes=part.teams,
            password_hash=password_hash,
            by=by,
        )
        for part in parts
    }
