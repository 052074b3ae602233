"""The flask commands: each domain's `commands` module offers click commands, gathered here."""

import importlib
from pathlib import Path

import click
from flask import Flask


def init_app(app: Flask) -> None:
    """Register every click command found in app/*/commands.py."""
    for path in sorted(Path(__file__).parent.glob("*/*commands.py")):
        module = importlib.import_module(f"app.{path.parent.name}.{path.stem}")
        found = [value for value in vars(module).values() if isinstance(value, click.Command)]
        inside = [one for group in found if isinstance(group, click.Group) for one in group.commands.values()]
        for command in found:
            if command not in inside and command.name not in app.cli.commands:
                app.cli.add_command(command)
