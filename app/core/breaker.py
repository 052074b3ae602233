"""A circuit breaker a process: nobody waits for a store that is away, one background probe tries again."""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Breaker:
    """Closed while the store answers; `trip()` opens it until `probe`, tried every `pause` seconds, holds."""

    def __init__(self, name: str, probe: Callable[[], object], pause: float = 1.0) -> None:
        self.name = name
        self.probe = probe
        self.pause = pause
        self._open = False
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        return self._open

    def trip(self, error: Exception) -> None:
        """Open the breaker and start the probe, once."""
        with self._lock:
            if self._open:
                return
            self._open = True
        log.warning("%s is away: %s", self.name, type(error).__name__)
        threading.Thread(target=self._wait_until_back, name=f"probe-{self.name}", daemon=True).start()

    def give_up(self) -> None:
        """End the probe: nobody asks any more."""
        self._open = False

    def _wait_until_back(self) -> None:
        while self._open:
            time.sleep(self.pause)
            if self._answers():
                self._open = False
                log.warning("%s is back", self.name)

    def _answers(self) -> bool:
        try:
            self.probe()
        except Exception:  # noqa: BLE001 - any failure means that the store is still away
            return False
        return True
