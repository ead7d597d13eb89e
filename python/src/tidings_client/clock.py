from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Time as this package sees it. Another one makes tests of waiting quick."""

    def now(self) -> float:
        """Epoch seconds."""

    def pause(self, seconds: float, stop: threading.Event) -> None:
        """Returns after so many seconds, or once ``stop`` is set."""


class SystemClock:
    def now(self) -> float:
        return time.time()

    def pause(self, seconds: float, stop: threading.Event) -> None:
        stop.wait(seconds)
