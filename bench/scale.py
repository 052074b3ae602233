"""Our pages with 1,000 and with N products: CPU and clock milliseconds a page in one process, and the ratio.

Two shops stand beside each other on one server, and one process for each answers in turn, so that whatever else the
machine does slows both. Each figure is that of the quickest tenth of pages. Both are asked for the same addresses.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg2
from own_shop import ROOT, grow, shop

PAGES = {
    "list": "/en/shop",
    "category": "/en/shop/serum",
    "filter": "/en/shop?skin_type=oily&concern=acne&price_max=25&sort=price",
    "brand": "/en/brands/kesor-lab",
    "product": "/en/products/p-{i}",
    "search": "/en/search?q=niacinamide+serum",
}
ROUNDS, BLOCK, FIRST_PRODUCT = 16, 15, 100
SMALL = "small"


def answer() -> None:
    """For each kind of page on standard input, fetch BLOCK pages and print CPU and clock milliseconds of each.

    CPU is that of this process: PostgreSQL's own work is in the clock alone.
    """
    sys.path.insert(0, str(ROOT))
    from app import create_app

    client = create_app(PAGE_CACHE_SECONDS=0, SNAPSHOT_SECONDS=3600.0).test_client()
    visited = dict.fromkeys(PAGES, FIRST_PRODUCT)
    for line in sys.stdin:
        kind, spent = line.strip(), []
        for _ in range(BLOCK):
            path = PAGES[kind].replace("{i}", str(visited[kind]))
            visited[kind] += 1
            begun, wall = time.process_time(), time.perf_counter()
            page = client.get(path)
            spent.append((1000 * (time.process_time() - begun), 1000 * (time.perf_counter() - wall)))
            if page.status_code != 200:
                raise SystemExit(f"{path} answered {page.status_code}")
        print(json.dumps(spent), flush=True)


@contextmanager
def answering(environment: dict[str, str], address: str) -> Iterator[subprocess.Popen[str]]:
    """`answer()` in a process of its own for the shop at that address."""
    process = subprocess.Popen(
        [sys.executable, __file__, "answer"],
        env=environment | {"DATABASE_URL": address},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def ask(process: subprocess.Popen[str], kind: str) -> list[list[float]]:
    """CPU and clock of each page of one block."""
    if process.stdin is None or process.stdout is None:
        raise SystemExit("the measuring process has no pipes")
    print(kind, file=process.stdin, flush=True)
    for line in process.stdout:
        if line.startswith("["):
            return list(json.loads(line))
    raise SystemExit(f"the measuring process ended at {kind}")


def run(address: str, *statements: str) -> None:
    """Statements that want no transaction around them."""
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def measured(small: subprocess.Popen[str], large: subprocess.Popen[str]) -> dict[str, list[list[float]]]:
    """Page -> CPU and clock in the small shop, then in the large one. The first round only warms both."""
    found: dict[str, list[list[list[float]]]] = {kind: [[], []] for kind in PAGES}
    for number in range(ROUNDS + 1):
        for kind, pages in found.items():
            pair = list(zip((small, large), pages, strict=True))
            for process, spent in pair[:: -1 if number % 2 else 1]:
                told = ask(process, kind)
                spent.extend(told if number else [])
    return {
        kind: [[quick(one) for one in zip(*spent, strict=True)] for spent in pages]
        for kind, pages in found.items()
    }


def quick(spent: Sequence[float]) -> float:
    """The quickest tenth: what a page costs when the machine does nothing else."""
    return statistics.quantiles(spent, n=10)[0]


def main(most: int) -> None:
    with shop() as (environment, _stack, _folder):
        environment["STATEMENT_TIMEOUT_MS"] = "600000"
        address = environment["DATABASE_URL"]
        beside = address.rpartition("/")[0]
        grow(environment, 1_000)
        run(f"{beside}/postgres", f"CREATE DATABASE {SMALL} TEMPLATE {address.rpartition('/')[2]}")
        grow(environment, most)
        for one in (f"{beside}/{SMALL}", address):
            run(one, "VACUUM ANALYZE", "CHECKPOINT")
        with (
            answering(environment, f"{beside}/{SMALL}") as small,
            answering(environment, address) as large,
        ):
            told = measured(small, large)
    print(f"{'page':<16}{'1,000':>10}{most:>12,}{'speed kept':>12}")
    for kind, (before, after) in told.items():
        for name, one, other in zip((kind, f"{kind} wall"), before, after, strict=True):
            print(f"{name:<16}{one:>8.2f}ms{other:>10.2f}ms{one / other:>11.2f}x")


if __name__ == "__main__":
    if sys.argv[1:] == ["answer"]:
        answer()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
    os._exit(0)
