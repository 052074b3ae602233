"""Every check in turn, each a named step with its time; the tests begin beside them and print after them."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
STEPS = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "types": ["mypy", "--no-error-summary"],
    "imports": ["lint-imports", "--no-logo", "--no-cache"],
    "templates": ["djlint", "templates", "--lint", "--quiet"],
    "translations": ["flask", "--app", "wsgi", "translations", "check"],
}
TESTS = ["pytest", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-q", "--durations=5"]
NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "MONGODB_URI": "mongodb://127.0.0.1:1/none",
}


def check(name: str, argv: list[str]) -> bool:
    """Run one check; its output is shown only when it fails."""
    begun = time.monotonic()
    env = {**NOWHERE, **os.environ, "SHOP_ENV": "test"}
    done = subprocess.run(
        [BIN / argv[0], *argv[1:]], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    good = done.returncode == 0
    print(f"  {name:<14} {'ok' if good else 'FAILED':<7} {time.monotonic() - begun:6.1f} s", flush=True)
    if not good:
        print(done.stdout + done.stderr, flush=True)
    return good


def chromium() -> None:
    """Say how to get a browser where there is none."""
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        print("  No Chromium: browser tests are skipped (Debian: apt install chromium).", flush=True)


def follow(tests: subprocess.Popen[bytes]) -> None:
    """Print what the tests have said and go on saying; while the checks ran it waited in the pipe."""
    assert tests.stdout
    while words := os.read(tests.stdout.fileno(), 65536):
        sys.stdout.buffer.write(words)
        sys.stdout.buffer.flush()


def main() -> int:
    """1 when any step failed."""
    chromium()
    begun = time.monotonic()
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    argv = [BIN / TESTS[0], *TESTS[1:], *colour, *sys.argv[1:]]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE) as tests:
        failed = [name for name, argv in STEPS.items() if not check(name, argv)]
        print(f"  tests at size {os.environ.get('TEST_SIZE', 'small')}", flush=True)
        follow(tests)
    code = tests.returncode
    failed += ["tests"] if code else []
    print(f"  {'tests':<14} {'FAILED' if code else 'ok':<7} {time.monotonic() - begun:6.1f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
