"""How the authority is set up, page by page, to read. What is changed elsewhere names its command."""

from flask import g, render_template

from authority_portal.channels.naming import role_name
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import GRANTS, Role
from authority_portal.domain.authorities import keys as known_keys
from authority_portal.domain.authorities import overview as setup
from authority_portal.domain.reports.queries import setup as steps
from authority_portal.domain.staff import invitations, roster
from authority_portal.web.admin import naming
from authority_portal.web.admin.door import admin
from authority_portal.web.admin.picture import drawn
from authority_portal.web.guard import requires


@admin.get("")
@requires(Permission.STAFF_READ)
def overview() -> str:
    """What there is and how much of it, as far as the visitor may know."""
    people = roster.everybody(by=g.actor)
    counts = {"staff": len(people), "suspended": sum(one.suspended_at is not None for one in people)}
    if g.actor.holds(Permission.STAFF_MANAGE):
        counts["invitations"] = len(invitations.waiting(by=g.actor))
    if g.actor.holds(Permission.CONFIG_READ):
        counts |= {name: len(read(by=g.actor)) for name, read in _COUNTED.items()}
        counts["keys"] = sum(key.works for key in known_keys.listed(g.actor.authority_id))
        counts["statuses"] = len(steps.workflow(by=g.actor).statuses)
    return render_template("admin/overview.html", counts=counts)


@admin.get("/categories")
@requires(Permission.CONFIG_READ)
def categories() -> str:
    """Categories by group, each with what it asks."""
    found = setup.categories(by=g.actor)
    groups = {each.row.group: [one for one in found if one.row.group == each.row.group] for each in found}
    return render_template("admin/categories.html", groups=groups, naming=naming)


@admin.get("/teams")
@requires(Permission.CONFIG_READ)
def teams() -> str:
    """Teams, and who is in them."""
    found, people = setup.teams(by=g.actor), roster.everybody(by=g.actor)
    members = {team.id: [one for one in people if team.id in one.team_ids] for team in found}
    return render_template("admin/teams.html", teams=found, members=members)


@admin.get("/areas")
@requires(Permission.CONFIG_READ)
def areas() -> str:
    """Areas by layer, as text: where each one is, and how large."""
    found = setup.areas(by=g.actor)
    layers = {each.layer: [one for one in found if one.layer == each.layer] for each in found}
    return render_template("admin/areas.html", layers=layers, naming=naming)


@admin.get("/workflow")
@requires(Permission.CONFIG_READ)
def workflow() -> str:
    """Statuses and steps, drawn and as a table."""
    found = steps.workflow(by=g.actor)
    return render_template("admin/workflow.html", workflow=found, picture=drawn(found), naming=naming)


@admin.get("/roles")
@requires(Permission.CONFIG_READ)
def roles() -> str:
    """Who may do what: the table that every door and every command asks."""
    return render_template(
        "admin/roles.html", roles=tuple(Role), role_name=role_name, permissions=tuple(Permission), grants=GRANTS, naming=naming
    )


@admin.get("/keys")
@requires(Permission.CONFIG_READ)
def keys() -> str:
    """API clients and their keys, without anything that opens."""
    return render_template("admin/keys.html", keys=known_keys.listed(g.actor.authority_id), naming=naming, permission=Permission)


_COUNTED = {"teams": setup.teams, "categories": setup.categories, "areas": setup.areas}
