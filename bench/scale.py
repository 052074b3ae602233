"""Our pages with 1,000 and with N products: CPU milliseconds a page in one process, and the ratio."""

import json
import os
import statistics
import subprocess
import sys
import time

from own_shop import ROOT, grow, shop

PAGES = {
    "list": "/en/shop",
    "category": "/en/shop/serum",
    "filter": "/en/shop?skin_type=oily&concern=acne&price_max=25&sort=price",
    "brand": "/en/brands/kesor-lab",
    "product": "/en/products/p-{i}",
    "search": "/en/search?q=niacinamide+serum",
}
ROUNDS, WARM = 60, 10


def cpu() -> dict[str, float]:
    """Median CPU ms a page of this process (PostgreSQL's own work not counted) and wall ms."""
    sys.path.insert(0, str(ROOT))
    from app import create_app

    client = create_app(PAGE_CACHE_SECONDS=0, SNAPSHOT_SECONDS=3600.0).test_client()
    told = {}
    for kind, path in PAGES.items():
        spent = []
        for n in range(ROUNDS + WARM):
            begun, wall = time.process_time(), time.perf_counter()
            answer = client.get(path.replace("{i}", str(100 + n)))
            if n >= WARM:
                spent.append((time.process_time() - begun, time.perf_counter() - wall))
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
        told[kind] = statistics.median(s[0] for s in spent) * 1000
        told[f"{kind} wall"] = statistics.median(s[1] for s in spent) * 1000
    return told


def measured(environment: dict[str, str]) -> dict[str, float]:
    """`cpu()` in a process of its own."""
    out = subprocess.run(
        [sys.executable, __file__, "cpu"], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(out.stdout.splitlines()[-1]))


def main(most: int) -> None:
    with shop() as (environment, _stack, _folder):
        environment["STATEMENT_TIMEOUT_MS"] = "600000"
        grow(environment, 1_000)
        small = measured(environment)
        grow(environment, most)
        large = measured(environment)
    print(f"{'page':<16}{'1,000':>10}{most:>12,}{'speed kept':>12}")
    for kind, spent in small.items():
        print(f"{kind:<16}{spent:>8.2f}ms{large[kind]:>10.2f}ms{spent / large[kind]:>11.2f}x")


if __name__ == "__main__":
    if sys.argv[1:] == ["cpu"]:
        print(json.dumps(cpu()))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
    os._exit(0)
