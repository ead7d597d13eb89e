from __future__ import annotations

import contextlib
import socket
import threading


class Interruption:
    """Ends a reader from another thread: whoever waits for the network is woken, and whoever pauses too."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()

    @property
    def is_set(self) -> bool:
        return self.event.is_set()

    def set(self) -> None:
        with self._lock:
            self.event.set()
            for each in self._sockets:
                _wake(each)

    def hold(self, held: socket.socket) -> None:
        with self._lock:
            self._sockets.add(held)
            if self.event.is_set():
                _wake(held)

    def release(self, held: socket.socket) -> None:
        with self._lock:
            self._sockets.discard(held)


def _wake(held: socket.socket) -> None:
    with contextlib.suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)
