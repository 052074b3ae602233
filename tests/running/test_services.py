"""Where the servers are found: environment, a living supervisor's services.env, one clear error."""

import os
import subprocess
from pathlib import Path

import pytest

from app.core import services

URLS = {
    "DATABASE_URL": "postgresql://shop@127.0.0.1:5001/shop",
    "REDIS_URL": "redis://127.0.0.1:5002/0",
    "MONGODB_URI": "mongodb://127.0.0.1:5003/shop",
}


def test_the_environment_alone_is_enough(tmp_path: Path) -> None:
    found = services.find({**URLS, "SHOP_DATA": str(tmp_path)})
    assert found == services.Services(*URLS.values())


def test_a_living_supervisor_is_found(tmp_path: Path) -> None:
    services.write(tmp_path / "services.env", URLS)
    assert services.find({"SHOP_DATA": str(tmp_path)}) == services.Services(*URLS.values())
    assert (tmp_path / "services.env").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["services.env"]


def test_the_environment_wins_over_the_supervisor(tmp_path: Path) -> None:
    services.write(tmp_path / "services.env", URLS)
    found = services.find({"SHOP_DATA": str(tmp_path), "REDIS_URL": "redis://elsewhere/3"})
    assert found.redis_url == "redis://elsewhere/3"
    assert found.database_url == URLS["DATABASE_URL"]


@pytest.mark.parametrize("stamp", ["", "1", "Mon Jan  1 00:00:00 2024"])
def test_another_process_with_the_same_pid_is_not_the_supervisor(tmp_path: Path, stamp: str) -> None:
    path = tmp_path / "services.env"
    services.write(path, URLS)
    own = f"SUPERVISOR_STARTED={services.birth(os.getpid())}"
    path.write_text(path.read_text().replace(own, f"SUPERVISOR_STARTED={stamp}"))
    with pytest.raises(services.NoServers, match="make run"):
        services.find({"SHOP_DATA": str(tmp_path)})


def test_a_gone_supervisor_is_ignored(tmp_path: Path) -> None:
    process = subprocess.Popen(["sleep", "60"])
    stamp = services.birth(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert services.birth(process.pid) is None, "a process that nobody has waited for counts as gone"
    process.wait()
    lines = [f"SUPERVISOR_PID={process.pid}", f"SUPERVISOR_STARTED={stamp}"]
    (tmp_path / "services.env").write_text("\n".join(lines + [f"{key}={url}" for key, url in URLS.items()]))
    with pytest.raises(services.NoServers):
        services.find({"SHOP_DATA": str(tmp_path)})


def test_the_error_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(services.NoServers) as caught:
        services.find({"SHOP_DATA": str(tmp_path), "DATABASE_URL": URLS["DATABASE_URL"]})
    assert "REDIS_URL, MONGODB_URI" in str(caught.value)
    assert "DATABASE_URL" not in str(caught.value)
    assert "\n" not in str(caught.value)
