"""The flask commands: each domain's `commands` module offers click commands, gathered here at their first use."""

import importlib
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from app.config import ROOT
from app.core.db import db


class Commands(AppGroup):
    """Every click command found in app/*/commands.py; a process that runs none loads none of what they need."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app.name)
        self.app = app
        self.loaded = False

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self.load()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        self.load()
        return super().list_commands(ctx)

    def load(self) -> None:
        """Import the commands, `flask db` among them, once."""
        if self.loaded:
            return
        self.loaded = True
        from flask_migrate import Migrate

        Migrate(self.app, db, directory=str(ROOT / "migrations"))
        for path in sorted(Path(__file__).parent.glob("*/*commands.py")):
            module = importlib.import_module(f"app.{path.parent.name}.{path.stem}")
            found = [value for value in vars(module).values() if isinstance(value, click.Command)]
            groups = [group for group in found if isinstance(group, click.Group)]
            inside = [one for group in groups for one in group.commands.values()]
            for command in found:
                if command not in inside and command.name not in self.commands:
                    self.add_command(command)


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    app.cli = Commands(app)
