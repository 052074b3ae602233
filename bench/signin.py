"""What known and unknown names cost at sign-in, forgot, register and resend: medians and their ratio, in turn."""

import os
import statistics
import subprocess
import sys
import time
from typing import Any

from own_shop import ROOT, shop

NAMES = int(os.environ.get("NAMES", "60"))
PATHS = ("signin", "forgot", "register", "verification")
WARM = 3


def measure() -> None:
    """In the shop's environment: each name once a path, known and unknown in turn; prints a line a path."""
    sys.path.insert(0, str(ROOT))
    from sqlalchemy import text

    from app import create_app
    from app.core import db

    app = create_app()
    with app.app_context():
        find = text("SELECT email FROM users WHERE role = 'customer' ORDER BY id LIMIT :most")
        known = [row.email for row in db.rows(find, {"most": NAMES + WARM})]
    print(f"{len(known) - WARM} names each; medians in ms", flush=True)
    for path in PATHS:
        spent: dict[str, list[tuple[float, float]]] = {"known": [], "unknown": []}
        for name in known:
            pair = {"known": name, "unknown": f"x{name}"}
            for kind in sorted(pair, key=lambda kind: (hash(name) + len(kind)) % 2):
                spent[kind].append(tried(app, path, pair[kind]))
        tell(path, {kind: figures[WARM:] for kind, figures in spent.items()})


def tried(app: Any, path: str, name: str) -> tuple[float, float]:
    """Seconds of this process and by the clock for one try from a browser without cookies."""
    client = app.test_client()
    form = {"name": name, "email": name, "password": "a guess at something"}
    begun, wall = time.process_time(), time.perf_counter()
    client.post(f"/en/account/{path}", data=form)
    return time.process_time() - begun, time.perf_counter() - wall


def tell(path: str, spent: dict[str, list[tuple[float, float]]]) -> None:
    medians = {
        kind: [statistics.median(figure[place] for figure in figures) * 1000 for place in (0, 1)]
        for kind, figures in spent.items()
    }
    for place, name in enumerate(("CPU", "clock")):
        one, other = medians["known"][place], medians["unknown"][place]
        print(
            f"{path:13}{name:6} known {one:7.2f}  unknown {other:7.2f}  ratio {one / other:.3f}", flush=True
        )


def main() -> None:
    """A shop of its own, seeded, and the measuring in a process with its settings."""
    with shop() as (environment, _stack, _folder):
        subprocess.run([sys.executable, __file__, "measure"], env=environment, check=True)


if __name__ == "__main__":
    measure() if sys.argv[1:] == ["measure"] else main()
