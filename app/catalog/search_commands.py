"""flask search: try the search on files, rebuild what it reads."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.catalog import search_index, search_trial, search_vocabulary
from app.core.db import db
from app.core.shop import touch_catalogue

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def search() -> None:
    """Finding products."""


@search.command()
@click.option("--products", type=FILE, required=True, help="id, name_en, name_kh, tags")
@click.option("--aliases", type=FILE, required=True, help="tag, aliases")
@click.option(
    "--queries", type=FILE, required=True, multiple=True, help="query, relevant_ids; may be repeated"
)
@click.option("--pad", type=click.IntRange(0, 1_000_000), default=0, help="Clones to add for the timing.")
@with_appcontext
def evaluate(products: Path, aliases: Path, queries: tuple[Path, ...], pad: int) -> None:
    """Print hit rate, false answers and time of each file of queries (tab-separated)."""
    for score in search_trial.evaluate(products, aliases, queries, pad):
        click.echo(score.line())


@search.command()
@with_appcontext
def rebuild() -> None:
    """Write the search rows of all products anew and count the tokens."""
    with click.progressbar(length=1, label="indexing") as bar:

        def step(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        written = search_index.write(progress=step)
    db.session.commit()
    touch_catalogue()
    search_vocabulary.forget()
    click.echo(f"{written:,} products")
