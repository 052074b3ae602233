"""flask train run: learn anew what is trending and which products are alike, at once."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from app.analytics import jobs as events
from app.core.runs import perform


@click.group()
def train() -> None:
    """Learning from orders and from the catalogue."""


@train.command()
@click.option(
    "--changed", is_flag=True, help="Skip the similarities when the catalogue is what they were made from."
)
@with_appcontext
def run(changed: bool) -> None:
    """Find what is trending and which products are alike."""
    events.prepare()
    key = f"command {datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    for kind, args in (("trending", None), ("similarities", None if changed else (0,))):
        result = perform(kind, key, patience=60, args=args)
        if result is None:
            raise click.ClickException(f"another run of {kind} goes on; try again in a minute")
        click.echo(f"{kind}: " + ", ".join(f"{name} {value}" for name, value in result.items()))
