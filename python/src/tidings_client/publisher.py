"""Publishing in the background, in batches and in order."""

from __future__ import annotations

import atexit
import re
import sys
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from .backoff import retry_delay
from .errors import FieldError, InvalidAnswerError, RefusedError, TidingsError
from .events import NewEvent, PublishedEvent
from .exact_json import write_json
from .http import Http

#: Statuses that are about what was sent, not about who sends it or when.
_ABOUT_EVENTS = frozenset({400, 413, 422})
_POINTER = re.compile(r"/(\d+)(/.*)?$", re.DOTALL)


@dataclass(frozen=True)
class AcceptedEvent:
    """An event that is not lost any more, as long as the process lives."""

    #: The event's own, or the one that it was given at acceptance.
    id: str
    #: Done when the event is durable, or refused. Nobody has to wait for it.
    published: Future[PublishedEvent]


@dataclass(frozen=True)
class RefusedEvent:
    id: str
    #: The event as JSON.
    text: str
    error: RefusedError


@dataclass(frozen=True, eq=False)
class _Entry:
    id: str
    text: str
    size: int
    accepted_at: float
    published: Future[PublishedEvent] = field(default_factory=Future)


OnRefused = Callable[[RefusedEvent], None]
OnRetry = Callable[[TidingsError, float], None]


class BackgroundPublisher:
    """::

        with tidings.publisher(on_refused=lambda refused: log.error("%s %s", refused.id, refused.error)) as publisher:
            publisher.publish({"tenantId": 29302, "type": "invoice.updated", "entityId": "3817"})

    An accepted event is sent until the server has stored or refused it, however long the server is away, and with the
    same id each time. One request is under way at a time, so order holds. Its memory is bounded: at the cap
    ``publish`` waits and ``try_publish`` declines. When the interpreter ends, what was accepted is published first, for
    up to ``exit_drain`` seconds. A process that is killed loses what was accepted and not published: where that may
    not be, keep the event in an outbox table until ``published`` is done.
    """

    def __init__(
        self,
        http: Http,
        *,
        on_refused: OnRefused,
        on_retry: OnRetry | None,
        max_batch_events: int,
        max_batch_bytes: int,
        max_delay: float,
        max_buffered_events: int,
        max_buffered_bytes: int,
        exit_drain: float,
    ) -> None:
        _check("max_batch_events", max_batch_events, 1, 1_000)
        _check("max_batch_bytes", max_batch_bytes, 1, 15 * 1024 * 1024)
        _check("max_delay", max_delay, 0, 60)
        _check("max_buffered_events", max_buffered_events, 1, sys.maxsize)
        _check("max_buffered_bytes", max_buffered_bytes, 1, sys.maxsize)
        self._http = http
        self._on_refused = on_refused
        self._on_retry = on_retry
        self._batch = (max_batch_events, max_batch_bytes)
        self._max_delay = max_delay
        self._cap = (max_buffered_events, max_buffered_bytes)
        self._exit_drain = exit_drain
        #: Guards everything below; notified at every change.
        self._changed = threading.Condition()
        self._entries: deque[_Entry] = deque()
        self._size = 0
        #: Tickets of calls that wait for room, in their order.
        self._waiting: deque[object] = deque()
        self._drains = 0
        self._is_closed = False
        self._thread: threading.Thread | None = None
        self._never = threading.Event()
        atexit.register(self._at_exit)

    @property
    def pending(self) -> int:
        """Accepted events whose outcome is not known yet."""
        with self._changed:
            return len(self._entries)

    def publish(self, event: NewEvent, timeout: float | None = None) -> AcceptedEvent:
        """Accepts an event; at the cap it waits for room, first come, first served.

        Raises ``TidingsError`` (``closed``), and ``TimeoutError`` after ``timeout`` seconds without room: then the
        event was not accepted.
        """
        event_id, text, size = _draft(event)
        with self._changed:
            self._refuse_when_closed()
            if self._waiting or not self._has_room(size):
                ticket = object()
                self._waiting.append(ticket)
                try:
                    mine = lambda: self._waiting[0] is ticket and self._has_room(size)
                    if not self._changed.wait_for(mine, timeout):
                        raise TimeoutError("the publisher had no room: the event was not accepted")
                finally:
                    self._waiting.remove(ticket)
                    self._changed.notify_all()
            return self._accept(event_id, text, size)

    def try_publish(self, event: NewEvent) -> AcceptedEvent | None:
        """Accepts an event at once, or answers ``None`` at the cap: then it was not accepted."""
        event_id, text, size = _draft(event)
        with self._changed:
            self._refuse_when_closed()
            if self._waiting or not self._has_room(size):
                return None
            return self._accept(event_id, text, size)

    def drain(self, timeout: float | None = None) -> None:
        """Returns when everything that was accepted is published or refused.

        Raises ``TimeoutError`` after ``timeout`` seconds; the publishing goes on.
        """
        with self._changed:
            self._drains += 1
            self._changed.notify_all()
            try:
                if not self._changed.wait_for(lambda: not self._entries and not self._waiting, timeout):
                    raise TimeoutError(f"{len(self._entries)} accepted events are not published yet")
            finally:
                self._drains -= 1

    def close(self, timeout: float | None = None) -> None:
        """Accepts nothing more, and drains. Calls that wait for room are still accepted. Raises as ``drain``."""
        with self._changed:
            self._is_closed = True
        self.drain(timeout)
        atexit.unregister(self._at_exit)
        with self._changed:
            self._changed.notify_all()

    def __enter__(self) -> BackgroundPublisher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise TidingsError("closed", "The publisher was closed. Make a new one to publish more.")

    def _has_room(self, size: int) -> bool:
        # An event that is larger than the whole cap has room when nothing else is there: else it could never go.
        count, total = len(self._entries), self._size
        return count == 0 or (count < self._cap[0] and total + size <= self._cap[1])

    def _accept(self, event_id: str, text: str, size: int) -> AcceptedEvent:
        entry = _Entry(event_id, text, size, self._http.clock.now())
        self._entries.append(entry)
        self._size += size
        if self._thread is None:
            # A daemon, so that the interpreter comes to its end, where `_at_exit` drains.
            self._thread = threading.Thread(target=self._run, name="tidings-publisher", daemon=True)
            self._thread.start()
        self._changed.notify_all()
        return AcceptedEvent(event_id, entry.published)

    def _run(self) -> None:
        most = self._batch[0]
        failures = 0
        while True:
            batch = self._next_batch(most, gathers=failures == 0)
            if batch is None:
                return
            try:
                outcomes = self._send(batch)
            except TidingsError as error:
                refused = _judge(error, batch)
                if refused is None:
                    failures += 1
                    delay = retry_delay(error, failures)
                    if self._on_retry is not None:
                        self._tell(self._on_retry, error, delay)
                    self._http.clock.pause(delay, self._never)
                elif not refused:
                    # It is about some of them, and does not say which.
                    most = (len(batch) + 1) // 2
                else:
                    self._refuse(refused)
                continue
            failures, most = 0, self._batch[0]
            self._settle(batch)
            for entry, outcome in zip(batch, outcomes):
                entry.published.set_result(outcome)

    def _next_batch(self, most: int, gathers: bool) -> Sequence[_Entry] | None:
        """The oldest that go together, once they are enough or have waited; ``None``: closed, and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._entries or self._is_closed)
            if not self._entries:
                self._thread = None
                return None
            if gathers and self._max_delay > 0:
                left = self._entries[0].accepted_at + self._max_delay - self._http.clock.now()
                is_enough = lambda: (
                    self._drains > 0
                    or self._is_closed
                    or len(self._entries) >= self._batch[0]
                    or self._size >= self._batch[1]
                )
                if left > 0:
                    self._changed.wait_for(is_enough, left)
            batch: list[_Entry] = []
            size = 0
            for entry in self._entries:
                size += entry.size
                if batch and (len(batch) >= most or size > self._batch[1]):
                    break
                batch.append(entry)
            return batch

    def _send(self, batch: Sequence[_Entry]) -> Sequence[PublishedEvent]:
        body = f"[{','.join(entry.text for entry in batch)}]"
        answer = self._http.json("POST", "/v1/events", body=body)
        events = answer.get("events") if isinstance(answer, dict) else None
        if not isinstance(events, list) or len(events) != len(batch):
            raise InvalidAnswerError(f"{self._http.base} did not answer each of {len(batch)} events")
        return events

    def _refuse(self, refused: Mapping[_Entry, RefusedError]) -> None:
        self._settle(list(refused))
        for entry, error in refused.items():
            entry.published.set_exception(error)
            self._tell(self._on_refused, RefusedEvent(entry.id, entry.text, error))

    def _settle(self, entries: Sequence[_Entry]) -> None:
        with self._changed:
            settled = set(entries)
            self._entries = deque(entry for entry in self._entries if entry not in settled)
            self._size -= sum(entry.size for entry in entries)
            self._changed.notify_all()

    @staticmethod
    def _tell(callback: Callable[..., None], *arguments: object) -> None:
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001
            # It is the program's, and ends no publishing.
            sys.excepthook(*sys.exc_info())

    def _at_exit(self) -> None:
        try:
            self.close(self._exit_drain)
        except TimeoutError:
            count = self.pending
            what = "1 accepted event was" if count == 1 else f"{count} accepted events were"
            print(f"tidings_client: {what} not published. Call publisher.close() before the end.", file=sys.stderr)


def _draft(event: NewEvent) -> tuple[str, str, int]:
    """An event without ``id`` gets one here, once: however often its text is sent, it is the same event."""
    event_id = event.get("id") or str(uuid.uuid4())
    text = write_json({**event, "id": event_id})
    return event_id, text, len(text.encode())


def _judge(error: TidingsError, batch: Sequence[_Entry]) -> Mapping[_Entry, RefusedError] | None:
    """Which events a refusal is about. ``None``: it says nothing about events; empty: it does not say which."""
    if not isinstance(error, RefusedError) or error.status not in _ABOUT_EVENTS:
        return None
    faults: dict[_Entry, list[FieldError]] = {}
    for fault in error.errors:
        # `/3/tenantId`: the fourth event of the array.
        found = _POINTER.match(fault.pointer)
        if found and int(found[1]) < len(batch):
            faults.setdefault(batch[int(found[1])], []).append(FieldError(found[2] or "", fault.code, fault.detail))
    if not faults:
        return {} if len(batch) > 1 else {batch[0]: error}
    return {
        entry: RefusedError(
            error.status, error.code, "; ".join(f"{e.pointer} {e.detail}".strip() for e in errors), errors
        )
        for entry, errors in faults.items()
    }


def _check(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}")
