"""Every page there is, who looks at it, and what they do there: one table for all the tests that walk through the pages."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.stage import Stage


def _nothing(_page: Page) -> None:
    pass


@dataclass(frozen=True)
class Look:
    """One state of one page. `path` may name a report (`{told}`), a link (`{follow}`, `{stop}`) or a mail (`{mail}`)."""

    name: str
    endpoint: str
    path: str
    who: str | None = None
    act: Callable[[Page], None] = _nothing

    def address(self, stage: Stage) -> str:
        """Where it is on this stage."""
        mail = stage.mails[-1] if stage.mails else ""
        return stage.base + self.path.format(follow=stage.follow, stop=stage.stop, mail=mail, **stage.facts, **stage.reports)


def _press(name: str, until: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_role("button", name=name, exact=True).first.click()
        expect(page.locator(until).first).to_be_visible()

    return act


def _look_at_a_row(page: Page) -> None:
    page.locator("[data-row] .rows__age").first.click()
    expect(page.locator("#look article")).to_be_visible()


def _open_the_filters(page: Page) -> None:
    page.locator("summary").first.click()
    expect(page.locator("#filter-team")).to_be_visible()


def _close_without_words(page: Page) -> None:
    page.locator("#step input[name=to]").last.check()
    page.locator("#step button[data-save]").click()
    expect(page.locator("#step .field__wrong").first).to_be_visible()


def _write_for_the_preview(page: Page) -> None:
    page.locator("#step input[name=to]").first.check()
    page.locator("#words").fill("A crew is on its way.")
    expect(page.locator("#preview .words")).to_contain_text("A crew is on its way.")


def _say_why_not(page: Page) -> None:
    page.locator("#resident button[data-save]").click()
    expect(page.locator("#resident .field__wrong")).to_be_visible()


def _reveal(page: Page) -> None:
    page.get_by_label("Why do you need it?").select_option("danger")
    page.locator("#resident button[data-save]").click()
    expect(page.locator("#resident .mask__shown").first).to_be_visible()


def _save_an_old_version(page: Page) -> None:
    page.evaluate("document.querySelector('#assignment .give [name=version]').value = 1")
    page.locator("#assign-reason").fill("Too late")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator("#conflict-h")).to_be_visible()


def _ask_the_questions(page: Page) -> None:
    page.get_by_label("Category", exact=True).select_option("pothole")
    expect(page.locator("#questions fieldset")).to_be_visible()


def _save_half_a_report(page: Page) -> None:
    _ask_the_questions(page)
    page.get_by_label("Position").fill("48.85, 2.35")
    _press("Save the report", "#error-summary")(page)


def _invite_nobody(page: Page) -> None:
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.locator("#error-summary")).to_be_visible()


def _take_every_role(page: Page) -> None:
    for box in page.locator("#roles input:checked").all():
        box.uncheck()
    page.get_by_role("button", name="Save roles and teams").click()
    expect(page.locator("#error-summary")).to_be_visible()


LOOKS = (
    Look("sign in", "sign_in.form", "/sign-in"),
    Look("sign in, and come back", "sign_in.form", "/sign-in?next=/reports"),
    Look("signing in with nothing", "sign_in.form", "/sign-in", act=_press("Sign in", "#error-summary")),
    Look("mailbox of the demo", "demo.messages", "/demo/messages"),
    Look("a mail of the demo", "demo.message", "/demo/messages/{mail}"),
    Look("a resident follows", "residents.follow", "/r/{follow}"),
    Look("a link that leads nowhere", "residents.follow", "/r/nothing"),
    Look("stop the messages?", "residents.unsubscribe", "/unsubscribe/{stop}"),
    Look("messages stopped", "residents.unsubscribe", "/unsubscribe/{stop}", act=_press("Stop these messages", ".r-now")),
    Look("no such page", "errors", "/nothing"),
    *(Look(f"error {code}", "errors", f"/healthz?status={code}") for code in (400, 403, 404, 405, 409, 413, 422, 429, 500, 503)),
    Look("queue", "queue.index", "/reports?queue=all", "kim"),
    Look("a row of the queue", "queue.index", "/reports?queue=all", "kim", _look_at_a_row),
    Look("filters of the queue", "queue.index", "/reports?queue=all&sla=overdue", "kim", _open_the_filters),
    Look("nothing matches", "queue.index", "/reports?queue=all&text=zzzz&category=noise", "kim"),
    Look("an empty queue", "queue.index", "/reports?queue=mine", "noor"),
    Look("a filter that cannot be", "queue.index", "/reports?team=nowhere&received_from=x", "kim"),
    Look("keys", "queue.keys", "/reports/keys", "kim"),
    Look("account", "account.show", "/account", "kim"),
    Look("a wrong password", "account.show", "/account", "kim", _press("Change password", "#error-summary")),
    Look("a choice just saved", "account.show", "/account", "kim", _press("Save", ".toast")),
    Look("a report in work", "casework.show", "/reports/{told}", "kim"),
    Look("a step refused", "casework.show", "/reports/{told}", "kim", _close_without_words),
    Look("a step looked at", "casework.show", "/reports/{told}", "kim", _write_for_the_preview),
    Look("asked why", "casework.ask_to_reveal", "/reports/{told}/reveal?field=email", "kim", _say_why_not),
    Look("revealed", "casework.ask_to_reveal", "/reports/{told}/reveal?field=email", "kim", _reveal),
    Look("a conflict", "casework.show", "/reports/{told}", "kim", _save_an_old_version),
    Look(
        "a note that says nothing", "casework.show", "/reports/{told}", "kim", _press("Save the note", "#timeline .field__wrong")
    ),
    Look("panel of the step", "casework.step_panel", "/reports/{told}/status", "kim"),
    Look("panel of the assignment", "casework.assignment_panel", "/reports/{told}/assign", "kim"),
    Look("panel of the timeline", "casework.timeline_panel", "/reports/{told}/notes", "kim"),
    Look("panel of the photos", "casework.show_photos", "/reports/{told}/photos", "kim"),
    Look("an overdue report", "casework.show", "/reports/{overdue}", "kim"),
    Look("a waiting report", "casework.show", "/reports/{waiting}", "kim"),
    Look("a closed report", "casework.show", "/reports/{closed}", "kim"),
    Look("a report without anything", "casework.show", "/reports/{placeless}", "kim"),
    Look("a colleague's report", "casework.show", "/reports/{told}", "noor"),
    Look("a new report", "casework.new", "/reports/new", "kim"),
    Look("questions of a new report", "casework.new", "/reports/new", "kim", _ask_the_questions),
    Look("a new report refused", "casework.new", "/reports/new", "kim", _save_half_a_report),
    *(
        look
        for who in ("supervisor", "privacy", "administrator", "crew")
        for look in (
            Look(f"queue of the {who}", "queue.index", "/reports?queue=all", who),
            Look(f"report of the {who}", "casework.show", "/reports/{told}", who),
        )
    ),
    Look("figures", "analytics.overview", "/analytics", "supervisor"),
    Look("figures by team", "analytics.overview", "/analytics?period=month&by=team", "supervisor"),
    Look("a period that cannot be", "analytics.overview", "/analytics?period=own&from=2026-02-30&to=x", "supervisor"),
    Look("figures of the analyst", "analytics.overview", "/analytics", "analyst"),
    Look("administration", "admin.overview", "/admin", "administrator"),
    Look("administration as a supervisor", "admin.overview", "/admin", "supervisor"),
    Look("staff", "admin.staff", "/admin/staff", "administrator"),
    Look("staff as the privacy officer sees them", "admin.staff", "/admin/staff", "privacy"),
    Look("a colleague", "admin.colleague", "/admin/staff/{noor}", "administrator"),
    Look("a colleague as a supervisor sees them", "admin.colleague", "/admin/staff/{noor}", "supervisor"),
    Look("oneself among the staff", "admin.colleague", "/admin/staff/{myself}", "administrator"),
    Look("a privacy officer", "admin.colleague", "/admin/staff/{officer}", "administrator"),
    Look("a suspended colleague", "admin.colleague", "/admin/staff/{away}", "administrator"),
    Look("a colleague without a role", "admin.colleague", "/admin/staff/{noor}", "administrator", _take_every_role),
    Look("suspend?", "admin.ask_to_suspend", "/admin/staff/{noor}/suspend", "administrator"),
    Look("invitations", "admin.invitations", "/admin/invitations", "administrator"),
    Look("an invitation refused", "admin.invitations", "/admin/invitations", "administrator", _invite_nobody),
    Look("withdraw?", "admin.ask_to_withdraw", "/admin/invitations/{invitation}/withdraw", "administrator"),
    *(
        Look(name, f"admin.{name}", f"/admin/{name}", "administrator")
        for name in ("categories", "teams", "areas", "workflow", "roles", "keys")
    ),
    Look("invited", "invitations.show", "/invitation/{token}"),
    Look("invited, with nothing", "invitations.show", "/invitation/{token}", act=_press("Save the password", "#error-summary")),
    Look("an invitation that leads nowhere", "invitations.show", "/invitation/nothing"),
    Look("a password is saved", "invitations.ready", "/invited"),
    Look("account of the analyst", "account.show", "/account", "analyst"),
    Look("the analyst at the queue", "queue.index", "/reports", "analyst"),
)

NO_PAGES = {
    "sign_in.start",  # leads on
    "analytics.table",  # a file
    "queue.list",  # parts of the queue, fetched by it
    "queue.panel",
    "queue.preview",
    "queue.news",
    "queue.map_points",
    "queue.map_script",
    "queue.places",
    "queue.basemap",
    "casework.new_questions_of",  # parts of the new report
    "casework.new_map_script",
    "photos.show",
    "ops.accent",
    "ops.healthz",
    "ops.metrics",
    "ops.readyz",
    "open311.description",
    "open311.discovery",
    "open311.media",
    "open311.one_request",
    "open311.requests",
    "open311.service",
    "open311.services",
    "open311.token",
    "open311.updates",
    "static",
}
"""What answers a GET and is not looked at by itself."""
