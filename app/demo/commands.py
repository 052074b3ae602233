"""flask seed demo: the invented shop. flask seed none: what every shop needs."""

import os
from typing import Any

import click
from flask.cli import with_appcontext

from app.core.db import db
from app.core.shop import touch_catalogue
from app.demo import assortment, seeding, staff
from app.shipping import loading


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


@seed_group.command()
@with_appcontext
def none() -> None:
    """An empty shop: provinces, delivery rates and the search's other names, nothing to sell."""
    places = loading.load_places()
    loading.load_tariff()
    assortment.load_aliases()
    db.session.commit()
    touch_catalogue()
    click.echo(", ".join(f"{number:,} {name}" for name, number in places.items()))
