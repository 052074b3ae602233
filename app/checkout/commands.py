"""`flask khqr verify` and `flask payments ...`: proof of the codes, and what staff do about money."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.checkout import asking, paying, settling
from app.checkout.patience import patiently
from app.checkout.payments import khqr as codes
from app.checkout.settling import Settled
from app.core.errors import ShopError
from app.wishlist import alerts

khqr = AppGroup("khqr", help="Prove the payment codes.")
payments = AppGroup("payments", help="Look at money, confirm it, or note what was done about it.")


@khqr.command()
@click.option("--vectors", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(vectors: Path) -> None:
    """Make every code of FILE and compare text and md5, there and back; fails unless all are equal."""
    wanted = json.loads(vectors.read_text(encoding="utf-8"))
    wrong = [number for number, vector in enumerate(wanted) if not _equal(vector)]
    for number in wrong:
        click.echo(f"vector {number} differs")
    click.echo(f"equal {len(wanted) - len(wrong)}/{len(wanted)}")
    if wrong:
        raise click.exceptions.Exit(1)


def _equal(vector: dict[str, Any]) -> bool:
    facts = {key: value for key, value in vector.items() if key not in ("payload", "md5")}
    if facts["alternate"]:
        facts["alternate"] = codes.Alternate(*facts["alternate"])
    if facts["amount"] is None:
        facts |= {"created_ms": None, "expires_ms": None}
    else:
        facts["amount"] = Decimal(facts["amount"])
    try:
        text = codes.encode(codes.Code(**facts))
        same = codes.decode(vector["payload"]) == codes.Code(**facts)
    except codes.BadCode:
        return False
    return same and text == vector["payload"] and codes.md5(text) == vector["md5"]


def run(work: Callable[[], Settled], done: str = "") -> None:
    """Do it, commit, and say what the payment is now or what was `done`; a refusal is one line and exit code 1."""
    try:
        settled = patiently(work)
    except ShopError as refusal:
        raise click.ClickException(str(refusal.message)) from refusal
    click.echo(f"{settled.number}: {done or settled.outcome}")


@payments.command("held")
def list_held() -> None:
    """Money that came late, twice or wrong, until it is resolved."""
    for one in paying.held():
        money = one.data.get("transaction", {})
        amount = f"{money.get('amount')} {money.get('currency')}"
        problem = one.kind.removeprefix("held_")
        click.echo(
            f"{one.id}  {one.order_number}  {one.order_status}  {problem}  {amount}  {money.get('hash')}"
        )


@payments.command("slips")
def list_slips() -> None:
    """Photos of transfers that wait to be looked at."""
    for one in paying.slips():
        click.echo(f"{one.id}  {one.order_number}  ${one.total}  {one.reference or '-'}  {one.image_url}")


@payments.command()
@click.argument("payment_id", type=int)
def approve(payment_id: int) -> None:
    """The money is on our account: the order is paid and confirmed."""
    run(lambda: settling.approve(payment_id))


@payments.command()
@click.argument("payment_id", type=int)
@click.option("--reason", default="", help="What is wrong with the slip.")
def reject(payment_id: int, reason: str) -> None:
    """The slip shows no money of ours; the order goes on waiting until its time is over."""
    run(lambda: settling.reject(payment_id, reason), "slip rejected")


@payments.command()
@click.argument("payment_id", type=int)
@click.option("--note", required=True, help="What was done, for example 'sent back'.")
def resolve(payment_id: int, note: str) -> None:
    """Money that did not fit was dealt with."""
    run(lambda: settling.resolve(payment_id, note), "resolved")


@payments.command()
@click.argument("payment_id", type=int)
def check(payment_id: int) -> None:
    """Ask the bank now."""
    status, outcome = asking.ask(payment_id)
    click.echo(f"{status.state} {status.evidence.get('why') or ''}".strip() + f", {outcome}")


@payments.command()
@click.argument("payment_id", type=int)
def expire(payment_id: int) -> None:
    """End a payment whose time is over."""

    def work() -> Settled:
        ended = settling.expire(payment_id)
        alerts.came_back(ended.came_back)
        return ended

    run(work)
