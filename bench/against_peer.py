"""Ours and django-oscar in turn with the peer's own bench: requests/s, CPU a request, checkout journeys, as ratios."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from own_shop import grow, shop, web

HERE = Path(__file__).resolve().parent
PRODUCTS = 1_000
IDS = 200
WARM = 6
PEER = "http://127.0.0.1:8601"
OURS = {
    "list": "/en/shop?page=2",
    "category": "/en/shop/cleanser",
    "filter": "/en/shop/cleanser?price_min=20&price_max=40&sort=price",
    "product": "/en/products/p-{i}",
    "search": "/en/search?q=niacinamide+cream",
}


def main(peers: Path) -> None:
    """Peer first, then ours uncached and cached, in seven short rounds: connections fall on two processes by chance.

    CPU is that of the web processes and of PostgreSQL.
    """
    data = Path(os.environ.get("PEER_DATA", "/tmp/kesor-peer"))
    data.mkdir(exist_ok=True)
    environment = os.environ | {"DATA": str(data)}
    subprocess.run([peers / "run_peer.sh", "oscar", "start"], env=environment, check=True)
    try:
        with shop() as (ours, _stack, folder):
            grow(ours, PRODUCTS)
            pid = (folder / "run" / "postgres.pid").read_text().split()[0]
            (folder / "env.sh").write_text(f"export PG_PID={pid}\n")
            measure(peers, data, ours, folder)
    finally:
        subprocess.run([peers / "run_peer.sh", "oscar", "stop"], env=environment, check=False)


def measure(peers: Path, data: Path, ours: dict[str, str], folder: Path) -> None:
    plain, cached = folder / "plain.pid", folder / "cached.pid"
    pages = json.loads((peers / "pages.json").read_text())
    told = {
        kind: {"oscar": pages[kind]["oscar"], "ours": path, "ours-cached": path}
        for kind, path in OURS.items()
    }
    (folder / "pages.json").write_text(json.dumps(told))
    with (
        web(ours | {"PAGE_CACHE_SECONDS": "0"}, 8701, plain) as uncached,
        web(ours | {"PAGE_CACHE_SECONDS": "60"}, 8702, cached) as kept,
    ):
        oscar = f"oscar={PEER}={data}/oscar.pid={data}/env.sh"
        common = [
            "--rounds",
            os.environ.get("ROUNDS", "7"),
            "--secs",
            os.environ.get("SECS", "2"),
            "--conc",
            "8",
        ]
        targets = [
            "--target",
            oscar,
            "--target",
            f"ours={uncached}={plain}={folder}/env.sh",
            "--target",
            f"ours-cached={kept}={cached}={folder}/env.sh",
        ]
        for shop_url, visits in ((PEER, 1), (uncached, WARM), (kept, WARM)):
            warm_up(shop_url, "oscar" if shop_url == PEER else "ours", pages, visits)
        warm = ["--rounds", "1", "--secs", "2", "--conc", "8"]
        bench = [sys.executable, peers / "bench.py", *targets, "--pages", folder / "pages.json"]
        subprocess.run([*bench, *warm], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*bench, *common], check=True)
        flows = [
            f"{oscar}={peers}/flows/oscar_checkout.json",
            f"ours={uncached}={plain}={folder}/env.sh={HERE}/flows/checkout.json",
        ]
        flow = [sys.executable, peers / "flow.py", "--target", flows[0], "--target", flows[1], *common]
        subprocess.run(flow, check=True)


def warm_up(address: str, name: str, pages: dict[str, Any], visits: int) -> None:
    """See each of the bench's products so many times, as the peer's own instructions ask (its thumbnails)."""
    for number in [one for one in range(1, IDS + 1) for _visit in range(visits)]:
        path = OURS["product"] if name == "ours" else pages["product"][name]
        with urlopen(address + path.format(i=number)) as answer:  # noqa: S310 - loopback
            answer.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
