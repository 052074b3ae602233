"""Hashed static files: `build()` makes static/dist from the sources, `static()` looks an address up in its manifest."""

import fcntl
import gzip
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, current_app
from whitenoise import WhiteNoise

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "static"
DIST = SOURCE / "dist"
NODE = ROOT / "node_modules"
MANIFEST = "manifest.json"
PREFIX = "/static/dist/"
TEXT = {".css", ".js", ".svg", ".json"}
LAYERS = ("tokens.css", "base.css", "layout.css", "components", "utilities.css")
BUNDLES = {"css/app.css": LAYERS, "css/account.css": ("account",)}
SCRIPTS = {"js/app.js": SOURCE / "js/app.js", "js/htmx.js": NODE / "htmx.org/dist/htmx.min.js"}
OFFLINE = (
    "css/app.css",
    "js/app.js",
    "fonts/sans.woff2",
    "fonts/khmer.woff2",
    "icons.svg",
    "img/favicon.svg",
)
IMMUTABLE = re.compile(r"\.[0-9a-f]{10}\.[a-z0-9]+$")
STRINGS = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|url\([^)]*\))""")


def static(path: str) -> str:
    """The hashed address of a static file, e.g. `css/app.css`. Raises LookupError when it was not built."""
    found: dict[str, str] = current_app.extensions["shop.assets"]
    if path not in found:
        raise LookupError(f"static file {path!r} is not built: run `flask assets build`")
    return PREFIX + found[path]


def files() -> dict[str, str]:
    """The manifest's map from source path to hashed name; empty before the first build."""
    path = DIST / MANIFEST
    return dict(json.loads(path.read_text())["files"]) if path.exists() else {}


def build(dist: Path = DIST) -> dict[str, int]:
    """Write hashed, compressed files and the manifest; returns name -> bytes sent (brotli where smaller).

    Nothing is written when no input changed. Raises FileNotFoundError when the npm packages are missing.
    """
    from app.core import fonts, icons

    makers = [Path(str(module)) for module in (__file__, fonts.__file__, icons.__file__)]
    inputs = digest_of(*sources(), *fonts.inputs(NODE), *icons.inputs(NODE), *makers)
    dist.mkdir(parents=True, exist_ok=True)
    with (dist / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = json.loads((dist / MANIFEST).read_text()) if (dist / MANIFEST).exists() else {"files": {}}
        if kept.get("inputs") == inputs and all((dist / name).exists() for name in kept["files"].values()):
            return dict(kept["sizes"])
        made = {**fonts.build(NODE, dist / ".cache"), "icons.svg": icons.sprite(SOURCE, NODE)}
        names = write(dist, made)
        sizes = {path: sent(dist / name) for path, name in sorted(names.items())}
        text = json.dumps({"inputs": inputs, "files": names, "sizes": sizes}, indent=1, sort_keys=True)
        (dist / "manifest.new").write_text(text)
        (dist / "manifest.new").replace(dist / MANIFEST)
        sweep(dist, {MANIFEST, *names.values(), *kept["files"].values()})
    return sizes


def write(dist: Path, made: dict[str, bytes]) -> dict[str, str]:
    """Write the made files, scripts, pictures, style sheet and service worker; returns path -> hashed name."""
    names = {path: place(dist, path, body) for path, body in made.items()}
    for path, source in SCRIPTS.items():
        names[path] = place(dist, path, source.read_bytes())
    for picture in sorted((SOURCE / "img").glob("*.*")):
        names[f"img/{picture.name}"] = place(dist, picture.name, picture.read_bytes())
    for path, layers in BUNDLES.items():
        names[path] = place(dist, Path(path).name, addressed(minify(style_sheet(layers)), names).encode())
    names["sw.js"] = place(dist, "sw.js", worker(names).encode(), hashed=False)
    return names


def sweep(dist: Path, keep: set[str]) -> None:
    """Drop what neither this build nor the one before it names: pages from a cache may still ask for the latter."""
    for path in dist.glob("*.*"):
        if (
            path.is_file()
            and path.name[0] != "."
            and path.name.removesuffix(".br").removesuffix(".gz") not in keep
        ):
            path.unlink()


def place(dist: Path, path: str, body: bytes, hashed: bool = True) -> str:
    """Write `body` under its hashed name with `.br` and `.gz` beside it; returns the name."""
    stem, suffix = Path(path).stem, Path(path).suffix
    name = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}{suffix}" if hashed else f"{stem}{suffix}"
    (dist / name).write_bytes(body)
    if suffix in TEXT:
        (dist / f"{name}.br").write_bytes(brotli.compress(body, quality=11))
        (dist / f"{name}.gz").write_bytes(gzip.compress(body, 9, mtime=0))
    return name


def sent(path: Path) -> int:
    """Bytes that travel for this file."""
    packed = path.with_name(path.name + ".br")
    return (packed if packed.exists() else path).stat().st_size


def style_sheet(layers: tuple[str, ...] = LAYERS) -> str:
    """These layers in order, the files of a folder by name."""
    parts: list[Path] = []
    for layer in layers:
        path = SOURCE / "css" / layer
        parts += sorted(path.glob("*.css")) if path.is_dir() else [path]
    return "\n".join(part.read_text() for part in parts)


def minify(css: str) -> str:
    """The style sheet without comments and needless blanks; strings and url() stay as they are."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    pieces = STRINGS.split(css)
    for at in range(0, len(pieces), 2):
        piece = re.sub(r"\s+", " ", pieces[at])
        piece = re.sub(r" ?([{};,>]) ?", r"\1", piece)
        piece = re.sub(r"([a-z-]): ", r"\1:", piece)
        pieces[at] = piece.replace(";}", "}")
    return "".join(pieces).strip()


def addressed(css: str, names: dict[str, str]) -> str:
    """`url(fonts/x.woff2)` with the hashed names (the sheet lies beside the fonts)."""
    return re.sub(r"url\((fonts/[a-z]+\.woff2)\)", lambda found: f"url({names[found[1]]})", css)


def worker(names: dict[str, str]) -> str:
    """The service worker with the addresses that it keeps for offline."""
    keep = [PREFIX + names[path] for path in OFFLINE]
    version = hashlib.sha256("".join(keep).encode()).hexdigest()[:10]
    text = (SOURCE / "sw.js").read_text()
    return text.replace('"{version}"', json.dumps(version)).replace('["{files}"]', json.dumps(keep))


def service_worker() -> bytes:
    """The built service worker, served from the root so that it may look after every page."""
    return (DIST / "sw.js").read_bytes()


def sources() -> list[Path]:
    """Our own inputs."""
    found = [path for folder in ("css", "js", "img") for path in sorted((SOURCE / folder).rglob("*.*"))]
    return [*found, SOURCE / "sw.js", *SCRIPTS.values()]


def digest_of(*paths: Path) -> str:
    """SHA-256 over names and contents."""
    total = hashlib.sha256()
    for path in sorted(set(paths)):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def clear(dist: Path = DIST) -> None:
    """Forget everything built."""
    shutil.rmtree(dist, ignore_errors=True)


def headers(headers: Any, _path: str, _url: str) -> None:
    """What every static answer carries besides its cache rule."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def init_app(app: Flask) -> None:
    """Read the manifest and serve static/dist through WhiteNoise (immutable, precompressed)."""
    app.extensions["shop.assets"] = files()
    DIST.mkdir(parents=True, exist_ok=True)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(DIST),
        prefix=PREFIX.strip("/"),
        max_age=0,
        allow_all_origins=False,
        add_headers_function=headers,
        immutable_file_test=lambda _path, url: bool(IMMUTABLE.search(url)),
    )
