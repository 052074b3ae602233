"""What the terminal shows while things are prepared: one line a step with its time, a bar on a long one.

Standard library only: bootstrap.py loads this file before anything is installed.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

BAR_AFTER = 2.0
WIDTH = 24
Progress = Callable[[], float | None]


class StepError(RuntimeError):
    """A step failed; the text is one sentence for the person at the terminal."""


@contextlib.contextmanager
def step(title: str, progress: Progress = lambda: None) -> Iterator[None]:
    """Print `title` and the seconds that the body took; on a terminal draw a bar after two seconds.

    `progress()` returns the part that is done, 0 to 1, or None when nobody can tell. A timer signal draws
    the bar, not a thread, because the body forks. Main thread only.
    """
    begun = time.monotonic()

    def draw(*_: object) -> None:
        seconds = time.monotonic() - begun
        os.write(1, f"\r  {title:<26} [{bar(progress(), seconds)}] {seconds:4.0f} s ".encode())

    terminal = sys.stdout.isatty()
    if terminal:
        signal.signal(signal.SIGALRM, draw)
        signal.setitimer(signal.ITIMER_REAL, BAR_AFTER, 0.1)
    try:
        yield
    finally:
        if terminal:
            signal.setitimer(signal.ITIMER_REAL, 0)
    say(title, time.monotonic() - begun)


def bar(part: float | None, seconds: float) -> str:
    """A filled bar for a known part, a wandering block for an unknown one."""
    if part is None:
        at = int(seconds * 8) % (WIDTH - 3)
        return ("." * at + "###").ljust(WIDTH, ".")
    return ("#" * round(WIDTH * max(0.0, min(1.0, part)))).ljust(WIDTH, ".")


def say(title: str, seconds: float) -> None:
    """One line for a finished step."""
    wipe = "\r\033[K" if sys.stdout.isatty() else ""
    print(f"{wipe}  {title:<26} {seconds:6.1f} s", flush=True)


def run(
    title: str,
    argv: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    progress: Progress = lambda: None,
) -> None:
    """Run a program as a step, its output in `log`. Raises StepError with its last words when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with step(title, progress), log.open("wb") as out:
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env, cwd=cwd
        )
        try:
            code = child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise
        if code != 0:
            raise StepError(f"{title} failed: {last_words(log)} (all of it: {log})")


def last_words(log: Path) -> str:
    """The line of a log that says best what went wrong: a full disk, a named error, else the last one."""
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        full = next((line for line in lines if "No space left" in line), None)
        if full:
            return "the disk is full"
        named = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Settings): ", line)]
        return (named or lines or ["no output"])[-1]
    return "no output"


def percent(log: Path) -> float | None:
    """The part done by the last `NN%` or `n/m` that a program wrote to its log."""
    with contextlib.suppress(OSError):
        found = re.findall(rb"(\d+)\s*%|(\d+)/(\d+)", log.read_bytes()[-2000:])
        if found:
            whole, done, total = found[-1]
            return int(whole) / 100 if whole else int(done) / max(1, int(total))
    return None
