"""Commands that keep the house: `flask translations check|update|compile`."""

import click

from app.core import translations as catalogue


@click.group()
def translations() -> None:
    """Extract, update, compile and check the Khmer catalogue."""


@translations.command()
def check() -> None:
    """Fail when a text is missing, fuzzy, obsolete or has wrong placeholders."""
    faults = list(catalogue.faults())
    for fault in faults:
        click.echo(fault)
    if faults:
        raise click.ClickException(f"{len(faults)} faults in {catalogue.PO.relative_to(catalogue.ROOT)}")
    click.echo(f"{len(catalogue.stored())} texts, every one translated")


@translations.command()
def update() -> None:
    """Add new texts to the catalogue and drop unused ones."""
    found = catalogue.update()
    missing = sum(1 for message in found if message.id and not all(catalogue.texts(message)))
    click.echo(f"{len(found)} texts, {missing} to translate")


@translations.command("compile")
def compile_catalogue() -> None:
    """Write the .mo that the shop reads."""
    click.echo(f"{catalogue.compile_all()} texts compiled")
