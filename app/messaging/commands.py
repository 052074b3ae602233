"""`flask outbox ...`: what waits to be sent, sending it now, another try for what was given up."""

import click
from flask.cli import AppGroup
from sqlalchemy import text

from app.core.db import db, rows
from app.messaging import jobs
from app.messaging import outbox as box

outbox = AppGroup("outbox", help="Mails and other messages that wait to be sent.")
WAITING = text(
    "SELECT id, kind, attempts, next_attempt_at, last_error FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT 200"
)


@outbox.command("list")
def show() -> None:
    """What was not sent yet, and why."""
    for one in rows(WAITING):
        state = "given up" if one.attempts >= box.MOST_TRIES else f"next {one.next_attempt_at:%Y-%m-%d %H:%M}"
        click.echo(f"{one.id} {one.kind}: {one.attempts} tries, {state} {one.last_error or ''}")


@outbox.command()
def deliver() -> None:
    """Send what is due now."""
    done = jobs.deliver()
    click.echo(f"{done['sent']} sent, {done['failed']} failed")


@outbox.command()
@click.argument("message_id", type=int, required=False)
def again(message_id: int | None) -> None:
    """Give what was given up (one, or all) another try."""
    count = box.again(message_id)
    db.session.commit()
    click.echo(f"{count} will be tried again")
