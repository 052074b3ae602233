"""flask seed demo: the invented shop."""

import os
from typing import Any

import click
from flask.cli import with_appcontext

from app.demo import seeding, staff


@click.group("seed")
def seed_group() -> None:
    """Fill the shop."""


@seed_group.command()
@click.option("--pictures/--no-pictures", default=True, help="Make the picture variants.")
@with_appcontext
def demo(pictures: bool) -> None:
    """The demo shop: products, people, orders, reviews. SEED_SIZE=small makes a tenth, SEED_TODAY sets the day."""
    size: dict[str, Any] = dict(seeding.SMALL) if os.environ.get("SEED_SIZE") == "small" else {}
    seeding.seed(pictures=pictures, echo=click.echo, **size)
    for email, role in staff.ACCOUNTS.items():
        click.echo(f"{role:10} {email}  {staff.PASSWORD}")
