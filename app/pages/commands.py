"""`flask doctor`: one line a finding, exit 1 when one does not hold."""

import click

from app.pages import doctor as examination


@click.command()
def doctor() -> None:
    """Tell what is up, what is pending and what does not agree."""
    failed = 0
    for finding in examination.examine():
        failed += not finding.holds
        click.echo(f"{'ok  ' if finding.holds else 'BAD '} {finding.name:<13} {finding.seen}")
    if failed:
        raise SystemExit(1)
