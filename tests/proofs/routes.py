"""Who may enter which door, said a second time by hand: the proof compares it with what the doors really do.

One entry per endpoint and method; a route without one fails `test_every_route_has_an_entry`. To add a route, add a line:

    ("casework.show", "GET"): Door("/reports/{reference}", staff=READERS),

Braces in `path` and `form` are filled from `world.Place.facts`; add a fact there when a route needs one. A path with braces
names a thing of one authority: every other authority's staff must get 404 for it, the same as for a thing that is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from authority_portal.domain.access.roles import STAFF_ROLES, Role

EVERYBODY = frozenset(STAFF_ROLES)
READERS = EVERYBODY - {Role.ANALYST}
WORKERS = frozenset({Role.CASEWORKER, Role.CREW, Role.SUPERVISOR})
DESK = frozenset({Role.CASEWORKER, Role.SUPERVISOR})
LOOKERS = frozenset({Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR})
ADMINS = frozenset({Role.ADMINISTRATOR})
COUNTERS = frozenset({Role.SUPERVISOR, Role.ANALYST})
HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Door:
    """What must happen at one route with one method.

    `staff` enter and get `inside`; other staff get 403. A stranger gets `stranger`: by default 303 to the sign-in. `elsewhere`
    is what `staff` of another authority get for this authority's thing; None where the path names no authority's thing or is
    a secret of its own (a resident's link).
    """

    path: str
    staff: frozenset[Role]
    inside: int = 200
    stranger: int = 303
    elsewhere: int | None = 404
    form: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    but: Mapping[Role, int] = field(default_factory=dict)
    """Roles that enter, but whose reach ends at this very thing."""

    def expected(self, role: Role) -> int:
        """The status for one's own authority's thing."""
        return self.but.get(role, self.inside) if role in self.staff else 403

    @property
    def names_a_thing(self) -> bool:
        return self.elsewhere is not None and "{" in self.path


def public(path: str, status: int = 200, *, signed_in: int | None = None, **more: object) -> Door:
    """Everybody gets the same, but for `signed_in` where that differs."""
    return Door(path, EVERYBODY, inside=signed_in or status, stranger=status, elsewhere=None, **more)  # type: ignore[arg-type]


ROUTES: dict[tuple[str, str], Door] = {
    ("static", "GET"): public("/static/favicon.svg"),
    ("sign_in.start", "GET"): public("/", 303),
    ("sign_in.form", "GET"): public("/sign-in", 200, signed_in=303),
    ("sign_in.enter", "POST"): public("/sign-in", 422),
    ("sign_in.sign_out", "POST"): Door("/sign-out", EVERYBODY, inside=303),
    ("account.show", "GET"): Door("/account", EVERYBODY),
    ("account.change_password", "POST"): Door("/account/password", EVERYBODY, inside=422),
    ("account.change_appearance", "POST"): Door("/account/appearance", EVERYBODY, inside=303, form={"theme": "dark"}),
    ("account.change_authority", "POST"): Door("/account/authority", EVERYBODY, inside=422),
    ("account.sign_out_everywhere", "POST"): Door("/account/sign-out-everywhere", EVERYBODY, inside=303),
    ("casework.show", "GET"): Door("/reports/{reference}", READERS),
    ("casework.timeline_panel", "GET"): Door("/reports/{reference}/notes", READERS),
    ("casework.assignment_panel", "GET"): Door("/reports/{reference}/assign", READERS),
    ("casework.step_panel", "GET"): Door("/reports/{reference}/status", READERS),
    ("casework.change_status", "POST"): Door("/reports/{reference}/status", WORKERS, inside=422),
    ("casework.preview", "POST"): Door("/reports/{reference}/preview", WORKERS),
    ("casework.undo", "POST"): Door("/reports/{reference}/undo", WORKERS, inside=409, query={"change": "1"}),
    ("casework.send_now", "POST"): Door("/reports/{reference}/send-now", WORKERS, inside=409, query={"change": "1"}),
    ("casework.assign", "POST"): Door("/reports/{reference}/assign", DESK, inside=422),
    ("casework.write_note", "POST"): Door("/reports/{reference}/notes", WORKERS, inside=422),
    ("casework.ask_to_reveal", "GET"): Door("/reports/{reference}/reveal", DESK, query={"field": "email"}),
    ("casework.reveal", "POST"): Door("/reports/{reference}/reveal", DESK, inside=422),
    ("casework.new", "GET"): Door("/reports/new", DESK),
    ("casework.record", "POST"): Door("/reports/new", DESK, inside=422),
    ("casework.new_questions_of", "GET"): Door("/reports/new/questions", DESK, stranger=401, headers=HTMX),
    ("casework.new_map_script", "GET"): Door("/reports/new/map.js", DESK, stranger=401),
    ("casework.show_photos", "GET"): Door("/reports/{reference}/photos", READERS),
    ("casework.add_photo", "POST"): Door("/reports/{reference}/photos", WORKERS, inside=422),
    ("casework.clear_photo", "POST"): Door("/reports/{reference}/photos/{photo}/clear", WORKERS, inside=303),
    ("photos.show", "GET"): Door("/photos/{photo}", READERS, but={Role.ADMINISTRATOR: 404}),
    ("queue.index", "GET"): Door("/reports", READERS),
    ("queue.list", "GET"): Door("/reports/list", READERS, stranger=401, headers=HTMX),
    ("queue.panel", "GET"): Door("/reports/panel", READERS, stranger=401, headers=HTMX),
    ("queue.preview", "GET"): Door("/reports/{reference}/preview", READERS, stranger=401, headers=HTMX),
    ("queue.map_points", "GET"): Door(
        "/reports/map.geojson", READERS, stranger=401, query={"view": "-71.2,42.2,-70.9,42.4", "z": "14"}
    ),
    ("queue.map_script", "GET"): Door("/reports/map.js", READERS, stranger=401),
    ("queue.places", "GET"): Door("/reports/places.json", READERS, stranger=401),
    ("queue.keys", "GET"): Door("/reports/keys", READERS),
    ("queue.news", "GET"): Door("/live", READERS, stranger=401, query={"since": "2026-11-22T10:00:00Z"}),
    ("queue.basemap", "GET"): public("/basemap.pmtiles", 404),
    ("analytics.overview", "GET"): Door("/analytics", COUNTERS),
    ("analytics.table", "GET"): Door("/analytics/figures.csv", COUNTERS),
    ("admin.overview", "GET"): Door("/admin", LOOKERS),
    ("admin.staff", "GET"): Door("/admin/staff", LOOKERS),
    ("admin.colleague", "GET"): Door("/admin/staff/{caseworker}", LOOKERS),
    ("admin.change", "POST"): Door("/admin/staff/{caseworker}", ADMINS, inside=409),
    ("admin.ask_to_suspend", "GET"): Door("/admin/staff/{caseworker}/suspend", ADMINS),
    ("admin.suspend", "POST"): Door("/admin/staff/{caseworker}/suspend", ADMINS, inside=409),
    ("admin.restore", "POST"): Door("/admin/staff/{caseworker}/restore", ADMINS, inside=409),
    ("admin.new_password", "POST"): Door("/admin/staff/{caseworker}/new-password", ADMINS, inside=303),
    ("admin.invitations", "GET"): Door("/admin/invitations", ADMINS),
    ("admin.invite", "POST"): Door("/admin/invitations", ADMINS, inside=422),
    ("admin.send_again", "POST"): Door("/admin/invitations/{invitation}/send-again", ADMINS, inside=303),
    ("admin.ask_to_withdraw", "GET"): Door("/admin/invitations/{invitation}/withdraw", ADMINS),
    ("admin.withdraw", "POST"): Door("/admin/invitations/{invitation}/withdraw", ADMINS, inside=303),
    ("admin.categories", "GET"): Door("/admin/categories", ADMINS),
    ("admin.teams", "GET"): Door("/admin/teams", ADMINS),
    ("admin.areas", "GET"): Door("/admin/areas", ADMINS),
    ("admin.workflow", "GET"): Door("/admin/workflow", ADMINS),
    ("admin.roles", "GET"): Door("/admin/roles", ADMINS),
    ("admin.keys", "GET"): Door("/admin/keys", ADMINS),
    ("invitations.ready", "GET"): public("/invited"),
    ("invitations.show", "GET"): public("/invitation/{invitation_token}"),
    ("invitations.accept", "POST"): public("/invitation/{invitation_token}", 422),
    ("residents.follow", "GET"): public("/r/{follow_token}"),
    ("residents.unsubscribe", "GET"): public("/unsubscribe/{unsubscribe_token}"),
    ("residents.stop", "POST"): public("/unsubscribe/{unsubscribe_token}", form={"List-Unsubscribe": "One-Click"}),
    # The suite has no mail folder; tests/web/demo opens these doors.
    ("demo.messages", "GET"): public("/demo/messages", 404),
    ("demo.message", "GET"): public("/demo/messages/one.eml", 404),
    ("ops.healthz", "GET"): public("/healthz"),
    ("ops.readyz", "GET"): public("/readyz"),
    # Closed until a setting opens it; tests/web/ops opens this door.
    ("ops.metrics", "GET"): public("/metrics", 404),
    ("ops.accent", "GET"): public("/accent/0b5a68.css"),
    ("open311.discovery", "GET"): public("/open311/v2/discovery.json", query={"jurisdiction_id": "{slug}"}),
    ("open311.description", "GET"): public("/open311/v2/openapi.json"),
    ("open311.services", "GET"): public("/open311/v2/services.json", query={"jurisdiction_id": "{slug}"}),
    ("open311.service", "GET"): public("/open311/v2/services/pothole.json", query={"jurisdiction_id": "{slug}"}),
    ("open311.requests", "GET"): public("/open311/v2/requests.json", query={"jurisdiction_id": "{slug}"}),
    ("open311.one_request", "GET"): public("/open311/v2/requests/{reference}.json", query={"jurisdiction_id": "{slug}"}),
    ("open311.updates", "GET"): public("/open311/v2/servicerequestupdates.json", query={"jurisdiction_id": "{slug}"}),
    ("open311.token", "GET"): public("/open311/v2/tokens/{reference}.json", query={"jurisdiction_id": "{slug}"}),
    # The world's photo is not cleared; tests/web/open311 opens this door.
    ("open311.media", "GET"): public("/open311/v2/media/{photo}.jpg", 404, query={"jurisdiction_id": "{slug}"}),
    ("open311.submit", "POST"): public(
        "/open311/v2/requests.json", 403, form={"jurisdiction_id": "{slug}", "service_code": "pothole"}
    ),
}
