"""Tasks that the tests of runs hand out."""

import time
from typing import Any

from app.core.runs import Run


def greet(run: Run, name: str = "nobody") -> dict[str, Any]:
    """Say hello."""
    run.step("greeting")
    return {"hello": name}


def stumble(run: Run) -> dict[str, Any]:
    """Fail."""
    run.step("walking")
    raise RuntimeError("over a root")


def linger(run: Run, seconds: float = 1.0) -> dict[str, Any]:
    """Take a while."""
    run.step("lingering")
    time.sleep(seconds)
    return {}
