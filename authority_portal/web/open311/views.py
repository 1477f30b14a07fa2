"""Open311 GeoReport v2: services on offer, reports in, public reports out. The format is the address's suffix."""

from flask import Blueprint, Response, g, jsonify, request

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports.commands import intake
from authority_portal.domain.reports.queries import by_token, photos
from authority_portal.domain.reports.queries import public as queries
from authority_portal.domain.reports.queries.public import PublicReport
from authority_portal.domain.reports.queries.public_steps import PublicStep, steps_between, steps_of
from authority_portal.foundation.db import transaction
from authority_portal.foundation.errors import NotFound
from authority_portal.web import limits, sending
from authority_portal.web.guard import by_key, public
from authority_portal.web.open311 import answers, failures, keys, media, openapi, payloads, repeats, searching, wire

open311 = Blueprint("open311", __name__, url_prefix="/open311/v2")
failures.register(open311)
FORM = "<any(json,xml):form>"


@open311.before_request
def _bounded() -> None:
    if request.mimetype != wire.MULTIPART:
        request.max_content_length = wire.LARGEST_BODY
    request.max_form_parts = wire.MOST_FIELDS
    keys.refuse_in_address()


@open311.get(f"/discovery.{FORM}")
@public
def discovery(form: str) -> Response:
    """Where the endpoint is."""
    limits.open311()
    return answers.answer("discovery", answers.discovery(keys.jurisdiction(wire.query())), form=form)


@open311.get("/openapi.json")
@public
def description() -> Response:
    """This interface as programs read it."""
    limits.open311()
    return jsonify(openapi.document())


@open311.get(f"/services.{FORM}")
@public
def services(form: str) -> Response:
    """What can be reported."""
    keys.enter(wire.query())
    return answers.answer("services", [answers.service(known) for known in queries.services(g.authority.id)], form=form)


@open311.get(f"/services/<path:code>.{FORM}")
@public
def service(code: str, form: str) -> Response:
    """The questions of one service."""
    keys.enter(wire.query())
    category, questions = queries.service(searching.service_code(code), g.authority.id)
    return answers.answer("service_definition", answers.definition(category, questions), form=form)


@open311.get(f"/requests.{FORM}")
@public
def requests(form: str) -> Response:
    """Reports that are public, and those of the client that asks."""
    fields = wire.query()
    keys.enter(fields)
    wish, extended = searching.wish(fields)
    found = queries.reports(wish, authority_id=g.authority.id, by=g.actor)
    return answers.reports(found, authority=g.authority, form=form, steps=_steps(found) if extended else None)


@open311.get(f"/requests/<string:request_id>.{FORM}")
@public
def one_request(request_id: str, form: str) -> Response:
    """One report. One that is not public is answered like one that is not there."""
    fields = wire.query()
    keys.enter(fields)
    wish, extended = searching.one(request_id, fields)
    found = queries.reports(wish, authority_id=g.authority.id, by=g.actor)
    if not found:
        raise NotFound(searching.NO_REPORT)
    return answers.reports(found, authority=g.authority, form=form, steps=_steps(found) if extended else None)


@open311.get(f"/servicerequestupdates.{FORM}")
@public
def updates(form: str) -> Response:
    """What happened to reports after they came in, each step from the end of its undo window on."""
    fields = wire.query()
    keys.enter(fields)
    steps = steps_between(**searching.updates(fields), authority_id=g.authority.id, by=g.actor)
    return answers.answer("service_requests_updates", [answers.update(step, authority=g.authority) for step in steps], form=form)


@open311.get(f"/tokens/<path:token>.{FORM}")
@public
def token(token: str, form: str) -> Response:
    """Which report a token stands for: the id the client gave its POST, or the reference itself."""
    keys.enter(wire.query())
    source = repeats.source(g.actor) if g.actor else None
    reference = by_token.reference(searching.token(token), authority_id=g.authority.id, source=source, by=g.actor)
    return answers.answer("service_requests", [{"service_request_id": reference, "token": token}], form=form)


@open311.get("/media/<name>.jpg", endpoint="media")
@public
def photo(name: str) -> Response:
    """A cleared photo of a report that is public or the client's own; every other one is answered like one that is not there."""
    keys.enter(wire.query())
    photos.check_public(name, authority_id=g.authority.id, by=g.actor)
    answer = sending.photo(g.authority.id, name)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # the pages of a city's app show it
    return answer


@open311.post(f"/requests.{FORM}")
@by_key(Permission.CLIENT_SUBMIT)
def submit(form: str) -> Response:
    """A report comes in. Sent again with the same id it gives the same answer."""
    keys.before_files(Permission.CLIENT_SUBMIT)
    fields = wire.body()
    keys.enter(fields, Permission.CLIENT_SUBMIT)
    fields = wire.with_files(fields)
    with media.stored(fields) as files, transaction():
        report = repeats.known(fields, by=g.actor)
        if report is None:
            new = payloads.new_report(fields, authority=g.authority, by=g.actor)
            report = intake.receive(new, authority=g.authority, by=g.actor)
            media.attach(report, files)
        receipt = answers.receipt(report.reference, account_id=fields.once("account_id").strip())
    return answers.answer("service_requests", [receipt], form=form, status=201)


def _steps(found: list[PublicReport]) -> list[PublicStep]:
    return steps_of([report.reference for report in found], authority_id=g.authority.id)
