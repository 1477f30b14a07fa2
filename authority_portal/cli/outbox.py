"""`flask outbox`: what is on its way, and what is stuck."""

import click
from flask.cli import AppGroup
from sqlalchemy import case, func, select, update

from authority_portal.cli.asking import bound_to, plainly
from authority_portal.domain.access.actor import system
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities import card
from authority_portal.domain.notifications.models import MessageDispatch
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent

outbox = AppGroup("outbox", help="Events and messages on their way.")


@outbox.command("status")
@plainly
def status() -> None:
    """Counts by authority, kind and state; when the oldest waiting one was due; the last failures."""
    bind(None)
    slugs = {known.id: known.slug for known in card.cards()}
    late = func.count().filter(OutboxEvent.state == "pending", OutboxEvent.due_at <= clock.now())
    for row in db.session.execute(
        select(OutboxEvent.authority_id, OutboxEvent.kind, OutboxEvent.state, func.count().label("n"), late.label("due"))
        .group_by(OutboxEvent.authority_id, OutboxEvent.kind, OutboxEvent.state)
        .order_by(OutboxEvent.authority_id, OutboxEvent.kind, OutboxEvent.state)
    ):
        due = f", {row.due:,} of them due" if row.state == "pending" else ""
        click.echo(f"{slugs[row.authority_id]:<20} event {row.kind:<18} {row.state:<10} {row.n:>8,}{due}")
    for row in db.session.execute(
        select(MessageDispatch.authority_id, MessageDispatch.channel, MessageDispatch.state, func.count().label("n"))
        .group_by(MessageDispatch.authority_id, MessageDispatch.channel, MessageDispatch.state)
        .order_by(MessageDispatch.authority_id, MessageDispatch.channel, MessageDispatch.state)
    ):
        click.echo(f"{slugs[row.authority_id]:<20} message {row.channel:<16} {row.state:<10} {row.n:>8,}")
    failing = (
        select(OutboxEvent)
        .where(OutboxEvent.state == "pending", OutboxEvent.last_error.is_not(None))
        .order_by(OutboxEvent.id.desc())
        .limit(10)
    )
    for event in db.session.scalars(failing):
        click.echo(f"event {event.id} {event.kind} failed {event.attempts} times: {event.last_error}")


@outbox.command("replay")
@click.argument("event_id", type=int)
@click.option("--authority", "slug", required=True, help="Slug of the authority it belongs to.")
@plainly
def replay(event_id: int, slug: str) -> None:
    """Act upon one event again, now. What it caused before is recognised: nobody is told twice.

    One that was never tried keeps its time: its step may still be inside its undo window.
    """
    never_tried = (OutboxEvent.state == "pending") & (OutboxEvent.attempts == 0)
    with bound_to(slug) as authority, transaction():
        found = db.session.execute(
            update(OutboxEvent)
            .where(OutboxEvent.id == event_id, OutboxEvent.authority_id == authority.id, OutboxEvent.state != "cancelled")
            .values(
                state="pending",
                due_at=case((never_tried, OutboxEvent.due_at), else_=clock.now()),
                enqueued_at=None,
                attempts=0,
                last_error=None,
            )
            .returning(OutboxEvent.kind)
        ).first()
        if found is None:
            raise click.ClickException(f"{slug} has no event {event_id} that could be replayed.")
        trail.append("outbox:replayed", subject=f"event:{event_id}", by=system(authority.id), kind=found.kind)
    click.echo(f"event {event_id} {found.kind} will be acted upon as soon as it is due")
