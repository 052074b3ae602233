"""`flask orders ...`: what staff do with an order until the back office exists."""

from collections.abc import Callable

import click
from flask.cli import AppGroup

from app.core.db import db
from app.core.errors import ShopError
from app.orders import ledgers, lifecycle, numbers
from app.orders.lifecycle import Moved
from app.wishlist import alerts

orders = AppGroup("orders", help="Confirm, pack, ship, deliver and cancel orders.")


def run(move: Callable[[], Moved]) -> None:
    """Make the move, commit, and say what the order is now; a refusal is one clear line and exit code 1."""
    try:
        moved = move()
    except ShopError as refusal:
        db.session.rollback()
        status = refusal.facts.get("stands")
        raise click.ClickException(
            f"{refusal.message}" + (f" It is {status}." if status else "")
        ) from refusal
    alerts.came_back(moved.came_back)
    db.session.commit()
    click.echo(f"{moved.number} is {moved.status}")


def stored(number: str) -> str:
    """The number as orders keep it."""
    return numbers.parse(number) or number


@orders.command()
@click.argument("number")
def confirm(number: str) -> None:
    """The buyer was called, or the money is there."""
    run(lambda: lifecycle.confirm(stored(number)))


@orders.command()
@click.argument("number")
def process(number: str) -> None:
    """The order is being packed."""
    run(lambda: lifecycle.process(stored(number)))


@orders.command()
@click.argument("number")
@click.option("--carrier", help="Who takes it.")
@click.option("--tracking", help="The carrier's own number.")
def ship(number: str, carrier: str | None, tracking: str | None) -> None:
    """Everything leaves in one parcel; a confirmed order is packed on the way."""
    run(lambda: lifecycle.send(stored(number), carrier=carrier, tracking_number=tracking))


@orders.command()
@click.argument("number")
def deliver(number: str) -> None:
    """The parcel arrived; cash was taken at the door."""
    run(lambda: lifecycle.deliver(stored(number)))


@orders.command()
@click.argument("number")
@click.option("--reason", default="", help="Why; a parcel on its way needs 'refused' or 'lost'.")
def cancel(number: str, reason: str) -> None:
    """Give the units back and tell the buyer."""
    run(lambda: lifecycle.cancel(stored(number), reason=reason))


@orders.command()
def recount() -> None:
    """Recompute every customer's totals from the ledgers and report what was wrong."""
    wrong = ledgers.recount()
    db.session.commit()
    for user in wrong:
        click.echo(
            f"user {user.id}: {user.total_orders} -> {user.orders}, {user.total_spent} -> {user.spent}"
        )
    click.echo(f"{len(wrong)} corrected")
