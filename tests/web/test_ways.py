"""Ways to doors that are closed for somebody are not shown to them."""

import pytest

from authority_portal.domain.access.roles import Role
from tests.builders.authorities import a_town
from tests.builders.staff import a_member, signed_in


@pytest.mark.parametrize(
    ("role", "records", "reads"),
    [
        (Role.CASEWORKER, True, True),
        (Role.CREW, False, True),
        (Role.SUPERVISOR, True, True),
        (Role.ANALYST, False, False),
        (Role.PRIVACY_OFFICER, False, True),
        (Role.ADMINISTRATOR, False, True),
    ],
)
def test_the_bar_shows_the_doors_that_are_open(house, role, records, reads):
    town = a_town()
    page = signed_in(house, a_member(town, role, teams=["streets"])).get("/account").text

    assert ('href="/reports/new"' in page) is records
    assert ('role="search"' in page) is reads
