"""`flask batch`: several commands in one process, because loading the shop takes longer than most of them."""

import os
import sys
from pathlib import Path

import click


@click.command(hidden=True)
@click.argument("logs", type=click.Path(path_type=Path, file_okay=False))
@click.argument("commands", nargs=-1)
@click.pass_context
def batch(context: click.Context, logs: Path, commands: tuple[str, ...]) -> None:
    """Run COMMANDS in turn, each with its output in a log of its own below LOGS; a line on stdout after each."""
    app = context.obj.load_app()
    told = os.dup(1)
    for command in commands:
        words = command.split()
        with (logs / f"{'-'.join(words)}.log").open("wb") as log:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
                os.dup2(log.fileno(), stream.fileno())
        app.cli.main(words, prog_name="flask", obj=context.obj, standalone_mode=False)
        sys.stdout.flush()
        os.write(told, f"{command}\n".encode())
