"""`flask reviews ...`: what staff do with reviews until the back office exists."""

from collections.abc import Callable
from functools import partial

import click
from flask.cli import AppGroup

from app.core.db import db
from app.core.errors import ShopError
from app.core.shop import touch_catalogue
from app.reviews import moderation, ratings

reviews = AppGroup("reviews", help="Read, approve and reject what people write.")


def run(numbers: tuple[int, ...], decide: Callable[[int], None], word: str) -> None:
    """Decide on each review, commit, and say so; a refusal is one clear line and in the end exit code 1."""
    refused = 0
    for number in numbers:
        try:
            decide(number)
        except ShopError as refusal:
            db.session.rollback()
            click.echo(f"review {number}: {refusal.message}", err=True)
            refused += 1
            continue
        db.session.commit()
        click.echo(f"review {number} is {word}")
    touch_catalogue()
    if refused:
        raise SystemExit(1)


@reviews.command("list")
@click.option("--status", type=click.Choice(["pending", "approved", "rejected"]), default="pending")
@click.option("--most", default=50, help="How many, the oldest first.")
def show(status: str, most: int) -> None:
    """What waits to be read."""
    for found in moderation.queue(status, most):
        marks = "verified buyer" if found.is_verified_purchase else "not bought here"
        photos = f", {found.photos} photos" if found.photos else ""
        click.echo(
            f"{found.id}  {found.rating} stars  {found.slug}  {found.customer_name or '-'} ({marks}{photos})"
        )
        click.echo("    " + " | ".join(filter(None, [found.title, found.comment])).replace("\n", " "))


@reviews.command()
@click.argument("numbers", nargs=-1, required=True, type=int)
def approve(numbers: tuple[int, ...]) -> None:
    """Let reviews appear; their authors get a mail."""
    run(numbers, moderation.approve, "approved")


@reviews.command()
@click.argument("numbers", nargs=-1, required=True, type=int)
@click.option("--reason", default="", help="Why; it goes into the audit log.")
def reject(numbers: tuple[int, ...], reason: str) -> None:
    """Keep reviews from appearing, or take them down."""
    run(numbers, partial(moderation.reject, reason=reason), "rejected")


@reviews.command()
def recount() -> None:
    """Recompute the averages of products and people and the votes, and report what was wrong."""
    wrong = ratings.recount()
    db.session.commit()
    for drift in wrong:
        click.echo(f"{drift.what}: {drift.was} -> {drift.now}")
    click.echo(f"{len(wrong)} corrected")
    if wrong:
        touch_catalogue()
