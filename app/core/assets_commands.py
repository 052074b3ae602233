"""`flask assets build`: the static files as the browser gets them."""

import time

import click
from flask.cli import AppGroup

from app.core.assets import build

assets = AppGroup("assets", help="The front end's files.")


@assets.command("build")
def build_assets() -> None:
    """Cut fonts, join and pack CSS, scripts and icons into static/dist."""
    started = time.monotonic()
    sizes = build()
    for path, size in sizes.items():
        click.echo(f"  {size:>7,}  {path}")
    click.echo(
        f"assets: {len(sizes)} files, {sum(sizes.values()):,} bytes, {time.monotonic() - started:.1f} s"
    )
