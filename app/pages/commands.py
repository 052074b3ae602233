"""`flask doctor`: one line a finding, exit 1 when one does not hold."""

import click

from app.core.runs import silence
from app.pages import doctor as examination
from app.pages.doctor import Finding

SILENT = 180


@click.command()
@click.option("--worker", is_flag=True, help="Look at the worker alone.")
def doctor(worker: bool) -> None:
    """Tell what is up, what is pending and what does not agree."""
    failed = 0
    for finding in [at_work()] if worker else examination.examine():
        failed += not finding.holds
        click.echo(f"{'ok  ' if finding.holds else 'BAD '} {finding.name:<13} {finding.seen}")
    if failed:
        raise SystemExit(1)


def at_work() -> Finding:
    """Whether the worker has given a sign of life within three minutes."""
    seconds = silence()
    seen = "no sign of life yet" if seconds is None else f"last sign of life {seconds} s ago"
    return Finding("worker", seconds is not None and seconds < SILENT, seen)
