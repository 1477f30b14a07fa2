"""5.7: attacks across authorities and roles, beside the table of routes × roles in tests/proofs/test_access_matrix.py."""

import pytest
from sqlalchemy import func, select

from authority_portal.domain.access.roles import STAFF_ROLES, Role
from authority_portal.domain.reports.models import StatusChange
from authority_portal.domain.staff.models import StaffRole
from authority_portal.foundation import storage
from authority_portal.foundation.db import bind, db, transaction
from tests.proofs.attacks.staging import Stage, an_absent_reference, filled, shown, token_of
from tests.proofs.routes import ROUTES, Door
from tests.proofs.world import Place

THINGS = {name: door for name, door in ROUTES.items() if door.names_a_thing}


def doors(row: str, table: dict[tuple[str, str], Door]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("method", "door"), [pytest.param(name[1], door, id=f"{row} {' '.join(name)}") for name, door in table.items()]
    )


@doors("I01", THINGS)
@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.SUPERVISOR, Role.CREW])
def test_i01_what_is_next_door_looks_like_what_is_not_there(stage: Stage, method: str, door: Door, role: Role) -> None:
    theirs = stage.b.facts
    missing = theirs | {
        "reference": an_absent_reference(theirs["reference"]),
        "photo": storage.new_name(),
        "report_id": "999999999",
    }
    answers = []
    for facts in (theirs, missing):
        path = door.path.format(**facts)
        more = {"query_string": filled(door.query, facts), "headers": filled(door.headers, facts)}
        form = {"data": filled(door.form, facts)} if method == "POST" else {}
        answer = stage.strike(path, method=method, role=role, refused=method == "POST", **more, **form)
        answers.append(
            (answer.status_code, shown(answer, facts["reference"], facts["photo"], path), answer.headers.get("Location"))
        )

    assert answers[0] == answers[1]
    assert answers[0][0] == (404 if role in door.staff else 403)


def a_change_of(place: Place) -> int:
    bind(place.town.id)
    found = db.session.scalar(select(func.max(StatusChange.id)).where(StatusChange.authority_id == place.town.id))
    db.session.rollback()
    return int(found or 0)


NESTED = {
    "photo of B": ("photos/{photo}/clear", {}, (404,)),
    "photo of A under B": ("../{theirs}/photos/{own_photo}/clear", {}, (404,)),
    "undo a step of B": ("undo?change={change}", {}, (404, 409)),
    "send a step of B": ("send-now?change={change}", {}, (404, 409)),
    "a team of B": ("assign", {"team": "{parks}", "assignee": "", "version": "{version}", "reason": ""}, (422,)),
    "a person of B": ("assign", {"team": "", "assignee": "{person}", "version": "{version}", "reason": ""}, (422,)),
    "a status of B": (
        "status",
        {"to": "{in_progress}", "version": "{version}", "note": "x", "outcome": "", "reason": ""},
        (409, 422),
    ),
}


@pytest.mark.parametrize(("path", "form", "statuses"), [pytest.param(*row, id=f"I02 {name}") for name, row in NESTED.items()])
def test_i02_nothing_of_another_authority_fits_into_a_report(
    stage: Stage, path: str, form: dict[str, str], statuses: tuple[int, ...]
) -> None:
    facts = stage.b.facts | {
        "theirs": stage.b.facts["reference"],
        "own_photo": stage.a.facts["photo"],
        "change": str(a_change_of(stage.b)),
        "person": str(stage.b.cast[Role.CASEWORKER].id),
        "version": stage.a.facts["version"],
    }
    address = f"/reports/{stage.a.facts['reference']}/{path.format(**facts)}".replace(f"{stage.a.facts['reference']}/../", "")

    answer = stage.strike(address, method="POST", role=Role.SUPERVISOR, data=filled(form, facts), refused=True)

    assert answer.status_code in statuses


@pytest.mark.parametrize(
    "name", [pytest.param(name, id=f"I02 filter {name}") for name in ("team", "assignee", "area", "category")]
)
def test_i02_no_filter_takes_what_is_next_door(stage: Stage, name: str) -> None:
    value = {"team": stage.b.facts["parks"], "assignee": str(stage.b.cast[Role.CREW].id)}.get(name, "only-there")

    answer = stage.strike("/reports", role=Role.SUPERVISOR, query_string={"queue": "all", name: value}, typed=[value])

    assert answer.status_code == 422


@pytest.mark.usefixtures("checked")
def test_i04_a_form_stays_with_the_authority_it_was_made_in(stage: Stage) -> None:
    kim = stage.a.cast[Role.CASEWORKER]
    note = {"text": "Written in the first tab.", "form_id": "7a1f3f0e-0000-4000-8000-000000000001"}
    path = f"/reports/{stage.a.facts['reference']}/notes"
    with stage.world.undone():
        bind(stage.b.town.id)
        with transaction():
            db.session.add(StaffRole(staff_id=kim.id, authority_id=stage.b.town.id, role=Role.CASEWORKER))
        bind(None)
        browser = stage.world.browser(stage.a, Role.CASEWORKER)
        first_tab = token_of(browser.get(f"/reports/{stage.a.facts['reference']}").text)
        moved = browser.post("/account/authority", data={"authority_id": stage.b.town.id, "csrf_token": first_tab})
        assert moved.status_code == 303
        before = stage.state()
        stale = browser.post(path, data=note | {"csrf_token": first_tab})
        second_tab = token_of(browser.get("/account").text)
        elsewhere = browser.post(path, data=note | {"csrf_token": second_tab})
        assert stage.state() == before
    assert (stale.status_code, elsewhere.status_code) == (400, 404)


SMUGGLED = {
    "role": "administrator",
    "roles": "administrator",
    "is_admin": "1",
    "permissions": "*",
    "staff_id": "1",
    "email": "x@y.test",
}


@pytest.mark.parametrize("role", [pytest.param(role, id=f"I05 {role.value}") for role in STAFF_ROLES])
def test_i05_no_form_of_an_account_takes_roles(stage: Stage, role: Role) -> None:
    forms = {
        "/account/appearance": {"theme": "dark"},
        "/account/authority": {"authority_id": str(stage.b.town.id)},
        "/account/password": {"current": "x", "password": "y", "again": "y"},
    }
    for path, form in forms.items():
        answer = stage.strike(path, method="POST", role=role, data=SMUGGLED | form, refused=True)
        assert answer.status_code == (303 if path.endswith("appearance") else 422)
    for path in ("/account?role=administrator", "/reports?queue=all&role=administrator"):
        assert stage.strike(path, role=role).status_code in (200, 400, 403)


@doors("I10", {name: door for name, door in ROUTES.items() if door.stranger != 200})
def test_i10_no_door_shows_what_is_masked(stage: Stage, method: str, door: Door) -> None:
    """Every page, fragment, error and refusal of a report that another team holds; the oracle looks for the values."""
    facts = stage.a.facts | {"reference": stage.hidden["boston"]}
    for role in STAFF_ROLES:
        more = {"query_string": filled(door.query, facts), "headers": filled(door.headers, facts)}
        form = {"data": filled(door.form, facts)} if method == "POST" else {}
        stage.strike(door.path.format(**facts), method=method, role=role, **more, **form)


SIDE = [
    "{}.json",
    "{}/print",
    "{}.pdf",
    "{}.csv",
    "{}/log",
    "{}/contact",
    "{}/history",
    "{}?print=1",
    "{}?line=staff",
    "{}?format=json",
]


@pytest.mark.parametrize("path", [pytest.param(path, id=f"I10 {path}") for path in SIDE])
def test_i10_there_is_no_side_door_to_a_report(stage: Stage, path: str) -> None:
    for role in STAFF_ROLES:
        answer = stage.strike(f"/reports/{path.format(stage.hidden['boston'])}", role=role)
        assert answer.status_code in (200, 403, 404)
        assert answer.status_code != 200 or "?" in path


def test_i10_a_suggestion_names_nobody(stage: Stage) -> None:
    """What fills fields by itself: choices of filters and forms, names of places."""
    for path in ("/reports/panel", "/reports/places.json", "/reports/new", "/reports/keys", "/account"):
        for role in STAFF_ROLES:
            stage.strike(path, role=role, headers={"HX-Request": "true"})
