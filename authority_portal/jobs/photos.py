"""Fetching a photo that came as an address."""

from typing import Any

import structlog
from sqlalchemy import select

from authority_portal.config import settings
from authority_portal.domain.access.actor import system
from authority_portal.domain.reports.commands import photos
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import fetching, pictures, storage
from authority_portal.foundation.db import db, transaction

TRIES = 5
UNFORESEEN = "the photo could not be taken in"

log = structlog.get_logger("photos")


def fetch(authority_id: int, payload: dict[str, Any]) -> None:
    """Get one wanted photo. May run twice; no transaction is open while the other server keeps us waiting.

    Raises fetching.FetchFailed, or what went wrong unforeseen, while it is worth another try; the outbox waits longer each time.
    """
    wanted = select(Photo).where(Photo.authority_id == authority_id, Photo.id == payload["photo_id"], Photo.state == "wanted")
    with transaction():
        photo = db.session.scalar(wanted.with_for_update())
        if photo is None or photo.source_url is None:
            return
        if photo.attempts >= TRIES:
            # Its last try ended together with the worker, so nobody was left to give it up.
            log.error("photo given up", photo_id=payload["photo_id"])
            photos.given_up(photo, reason=UNFORESEEN, by=system(authority_id))
            return
        photo.attempts += 1
        address, last = photo.source_url, photo.attempts >= TRIES
        db.session.flush()
        db.session.expunge(photo)
    try:
        picture = pictures.remake(fetching.fetch(address, fetching.Limits(private=settings().FETCH_PRIVATE)))
        _keep(photo, picture, authority_id)
    except fetching.FetchFailed as error:
        if not last:
            raise
        _give_up(photo, str(error), authority_id)
    except (fetching.FetchRefused, pictures.NotAPicture) as error:
        _give_up(photo, str(error), authority_id)
    except Exception:
        # A stranger's server must not keep an event alive for ever with something that nobody foresaw.
        if not last:
            raise
        log.exception("photo given up", photo_id=payload["photo_id"])
        _give_up(photo, UNFORESEEN, authority_id)


def _keep(photo: Photo, picture: pictures.Picture, authority_id: int) -> None:
    name = storage.new_name()
    storage.keep(authority_id, name, picture.large, picture.small)
    with transaction():
        first = photos.fetched(photo, picture, name, by=system(authority_id))
    if not first:
        storage.remove(authority_id, name)


def _give_up(photo: Photo, reason: str, authority_id: int) -> None:
    with transaction():
        photos.given_up(photo, reason=reason, by=system(authority_id))
