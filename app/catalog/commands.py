"""flask catalog import: a shop's export becomes products."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import text

from app.catalog import importing, importing_file, search_index
from app.catalog.importing_columns import BadMap, Columns, choose
from app.catalog.importing_file import BadFile
from app.catalog.importing_report import Report, mapping
from app.core.db import db
from app.core.shop import touch_catalogue
from app.inventory import stock
from app.wishlist import alerts

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def catalog() -> None:
    """Products, from files."""


@catalog.command("import")
@click.argument("file", type=FILE)
@click.option("--map", "map_file", type=FILE, help="JSON that says which column holds what.")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@with_appcontext
def import_file(file: Path, map_file: Path | None, dry_run: bool) -> None:
    """Bring in the products of FILE (.csv or .csv.gz), known ones by their SKU."""
    try:
        columns = choose(importing_file.header(file), _overrides(map_file))
        survey = importing.survey(file, columns)
    except (BadFile, BadMap) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file.name}: {survey.rows:,} rows")
    for line in mapping(columns):
        click.echo(line)
    report = run(file, columns, survey, dry_run)
    for line in report.lines():
        click.echo(line)
    name = file.name.removesuffix(".gz").removesuffix(".csv")
    written = report.write(Path(current_app.config["SHOP_DATA"]) / "imports", name)
    if written:
        click.echo(f"every problem with its line and column: {written}")
    if dry_run:
        click.echo("dry run: nothing was written")


def run(file: Path, columns: Columns, survey: importing.Survey, dry_run: bool) -> Report:
    """Import with a progress bar, one commit a batch, then bring search and listings up to date."""
    report = Report()
    written: list[int] = []
    _take_time()
    with click.progressbar(length=survey.rows, label="reading" if dry_run else "importing") as bar:
        for batch in importing.batches(file, columns, survey.shared_root, dry_run):
            back = stock.receive(batch.received, reason=f"import of {file.name}"[:200])
            if dry_run:
                db.session.rollback()
            else:
                alerts.came_back(back)
                db.session.commit()
            _take_time()
            report.add(batch)
            written += batch.written
            bar.update(batch.rows)
    if written:
        index(written)
    return report


def index(product_ids: list[int]) -> None:
    """Write the search rows of these products and tell every process."""
    _take_time()
    with click.progressbar(length=len(product_ids), label="indexing ") as bar:
        search_index.write(product_ids, progress=_steps(bar))
    db.session.commit()
    touch_catalogue()


def _take_time() -> None:
    """No statement of this transaction is cut off: the limit is for pages."""
    db.session.execute(text("SET LOCAL statement_timeout = 0"))


def _steps(bar: Any) -> Callable[[int, int], None]:
    return lambda done, _of: bar.update(done - bar.pos)


def _overrides(map_file: Path | None) -> dict[str, Any] | None:
    if map_file is None:
        return None
    try:
        overrides = json.loads(map_file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise BadMap(f"{map_file.name} is not JSON: {error}") from None
    if not isinstance(overrides, dict):
        raise BadMap(f"{map_file.name} must hold one object, from fields to columns")
    return overrides
