"""flask etl run: what happened in the shop moves to where learning reads it, at once."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from app.analytics import jobs
from app.core.runs import perform


@click.group()
def etl() -> None:
    """From the shop's records to what learning reads."""


@etl.command()
@with_appcontext
def run() -> None:
    """Store the events that wait and bring every customer's purchase pattern up to date."""
    jobs.prepare()
    key = f"command {datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    events = perform("events", key, patience=60)
    if events is None:
        raise click.ClickException("another run still moves events; try again in a minute")
    click.echo(f"{events['events']:,} events stored, {events['refused']} refused, {events['waiting']} wait")
    patterns = perform("patterns", key, patience=60)
    if patterns is None:
        raise click.ClickException("another run still reads purchases; try again in a minute")
    click.echo(f"{patterns['users']:,} purchase patterns brought up to date")
