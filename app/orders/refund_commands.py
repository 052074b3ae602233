"""`flask refunds ...`: giving money back, and noting that it has left."""

from decimal import Decimal

import click
from flask.cli import AppGroup

from app.core import money
from app.core.db import db
from app.core.errors import ShopError
from app.orders import numbers
from app.orders import refunds as giving

refunds = AppGroup("refunds", help="Give money back; it leaves by hand, the way it came.")


@refunds.command()
@click.argument("number")
@click.option("--amount", type=Decimal, help="Dollars; all that is left unless given.")
@click.option("--delivery", type=Decimal, default=Decimal(0), help="How much of it is for the parcel.")
@click.option("--return", "return_id", type=int, help="The approved return that it is for.")
@click.option("--reason", default="")
def give(number: str, amount: Decimal | None, delivery: Decimal, return_id: int | None, reason: str) -> None:
    """Owe the buyer money of this order, and tell them."""
    stored = numbers.parse(number) or number
    try:
        given = (
            giving.for_return(return_id, stored)
            if return_id
            else giving.give(stored, amount, reason, delivery)
        )
    except ShopError as refusal:
        db.session.rollback()
        raise click.ClickException(str(refusal.message)) from refusal
    db.session.commit()
    click.echo(f"{money.usd(given)} of {stored} are to be given back")


@refunds.command()
@click.argument("refund_id", type=int)
@click.option("--reference", help="The bank's number of the transfer.")
def done(refund_id: int, reference: str | None) -> None:
    """The money has left."""
    try:
        giving.done(refund_id, reference)
    except ShopError as refusal:
        db.session.rollback()
        raise click.ClickException(str(refusal.message)) from refusal
    db.session.commit()
    click.echo(f"refund {refund_id} is done")
