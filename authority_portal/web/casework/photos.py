"""Photos of one report: add them, and say of one that it names nobody."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.commands import photos
from authority_portal.domain.reports.queries.report import by_reference, by_reference_for_update
from authority_portal.foundation import parsing, sentences
from authority_portal.foundation.db import db, transaction
from authority_portal.foundation.errors import Denied, Invalid
from authority_portal.foundation.sentences import Sentence
from authority_portal.web import htmx, uploads
from authority_portal.web.casework import page, sending
from authority_portal.web.casework.door import casework
from authority_portal.web.guard import requires
from authority_portal.web.rendering import said
from authority_portal.web.uploads import Uploads

MOST_AT_ONCE = 6


@casework.get("/<reference>/photos")
@requires(Permission.REPORT_READ)
def show_photos(reference: str) -> Any:
    """The photos alone for htmx; without it the page, which holds them."""
    return page.answer(by_reference(reference, by=g.actor), "photos")


@casework.post("/<reference>/photos")
@requires(Permission.REPORT_NOTE)
def add_photo(reference: str) -> Any:
    """Add one or several photos: all of those sent, or none."""
    try:
        policy.check_may_note(g.actor, by_reference(reference, by=g.actor))
        db.session.rollback()  # decoding takes seconds, and no transaction may wait for it
        _add(reference, _read())
    except (Invalid, Denied) as error:
        words = error.fields.values() if isinstance(error, Invalid) else [sentences.of(error)]
        return _refused(reference, [said(each) for each in words], 422 if isinstance(error, Invalid) else 403)
    return _done(reference)


@casework.post("/<reference>/photos/<name>/clear")
@requires(Permission.REPORT_NOTE)
def clear_photo(reference: str, name: str) -> Any:
    """Somebody looked: the photo names nobody, so those may see it who read cleared text only. `cleared=0` takes it back."""
    with transaction():
        report = by_reference_for_update(reference, by=g.actor)
        photos.clear(report, name, cleared=request.form.get("cleared") != "0", by=g.actor)
    return _done(reference)


def _read() -> Uploads:
    """What was sent. Decoding costs seconds, so it comes after the question who asks. Raises Invalid."""
    sent = uploads.read("photos", most=MOST_AT_ONCE)
    if not sent.wrong and not sent.pictures:
        sent.wrong.append(gettext("Choose a photo first."))
    if sent.wrong:
        raise Invalid({"photos": " ".join(sent.wrong)})
    return sent


def _add(reference: str, sent: Uploads) -> None:
    """The photos, or nothing if the same form sent the same files before: those stored just now are removed again."""
    form_id = _form_id()
    names = [sending.named(form_id, [*sent.raws, b"%d" % position]) for position in range(len(sent.pictures))]
    with uploads.stored(sent, g.actor.authority_id) as files, transaction():
        report = by_reference_for_update(reference, by=g.actor)
        if photos.sent_before(report, names[0]):
            return
        for (name, picture), sent_as in zip(files.pictures, names, strict=True):
            photos.add(report, picture, name, sending=sent_as, by=g.actor)
        files.keep()


def _form_id() -> UUID:
    """Which filling-in of the form this is; without a name it is one of its own. Raises Invalid."""
    text = request.form.get("form_id", "")
    try:
        return parsing.uuid(text) if text else uuid4()
    except ValueError as error:
        raise Invalid({"form_id": Sentence("The form's name %(problem)s", problem=sentences.of(error))}) from None


def _done(reference: str) -> Response:
    if htmx.wants_fragment():
        return page.answer(by_reference(reference, by=g.actor), "photos")
    return redirect(url_for(".show", reference=reference, _anchor="photos"), code=303)


def _refused(reference: str, wrong: Sequence[str], status: int) -> Response:
    return page.answer(by_reference(reference, by=g.actor), "photos", status, photos_wrong=wrong)
