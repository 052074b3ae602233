"""`flask returns ...`: what buyers want to send back, and the staff's word on it."""

import click
from flask.cli import AppGroup

from app.core.db import db
from app.core.errors import ShopError
from app.orders import returns as asked

returns = AppGroup("returns", help="Decide what buyers may send back.")


@returns.command("list")
def show() -> None:
    """What waits for a decision."""
    for one in asked.waiting():
        units = ", ".join(f"line {item['order_item_id']} x {item['quantity']}" for item in one.items)
        click.echo(f"{one.id} {one.order_number} ({units}; {one.photos} photos): {one.reason}")


def decided(request_id: int, approved: bool, words: str) -> None:
    """Decide, commit and say so; a refusal is one clear line and exit code 1."""
    try:
        asked.decide(request_id, approved, words)
    except ShopError as refusal:
        db.session.rollback()
        raise click.ClickException(str(refusal.message)) from refusal
    db.session.commit()
    click.echo(f"return {request_id} is {'approved' if approved else 'rejected'}")


@returns.command()
@click.argument("request_id", type=int)
@click.option("--words", default="", help="What the buyer reads beside it.")
def approve(request_id: int, words: str) -> None:
    """The goods may come back."""
    decided(request_id, True, words)


@returns.command()
@click.argument("request_id", type=int)
@click.option("--words", default="", help="Why; the buyer reads it.")
def reject(request_id: int, words: str) -> None:
    """They may not."""
    decided(request_id, False, words)
