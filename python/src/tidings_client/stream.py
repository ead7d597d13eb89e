"""Live events of several topics, over server-sent events."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from .backoff import retry_delay
from .checkpoint import Checkpoint, Progress, SeenEvents
from .errors import Gap, InvalidAnswerError, RefusedError, TidingsError, UnreachableError
from .events import ReceivedEvent
from .exact_json import read_json
from .feed import OnGap, pass_gap, selection
from .http import BROKEN, Answer, Http
from .interruption import Interruption
from .sse import Message, Moved, Retry, SseParser

#: What the server asks for by `retry:` is kept within these: at 0 a stream that breaks again and again would spin.
_SHORTEST_REOPEN = 1.0
_LONGEST_REOPEN = 86_400.0


class EventStream:
    """``for event in tidings.stream(topics=["invoices"]): ...``, for ever.

    When the connection breaks it is opened again from where it was. An event is done when the loop asks for the next
    one: with ``checkpoint`` its place is then kept, and a new process goes on there; what was under way at a crash
    comes again.

    A server that is about to stop may say ``event: draining``. The next connection is then opened, and the present one
    is read to its end first; what both carry is handed out once.
    """

    def __init__(
        self,
        http: Http,
        *,
        topics: Sequence[str] | None,
        last_event_id: str | None,
        since: str | None,
        types: Sequence[str] | None,
        tenants: Sequence[int] | None,
        filter: Mapping[str, Any] | None,
        checkpoint: Checkpoint | None,
        idle_timeout: float,
        on_open: Callable[[], None] | None,
        on_break: Callable[[TidingsError, float], None] | None,
        on_gap: OnGap | None,
    ) -> None:
        self._http = http
        self._query = {"topics": None if topics is None else ",".join(topics), **selection(types, tenants, filter)}
        self._since = since
        self._idle_timeout = idle_timeout
        self._on_open = on_open
        self._on_break = on_break
        self._on_gap = on_gap
        self._progress = Progress(checkpoint, http.clock)
        self._seen = SeenEvents()
        self._last_event_id = last_event_id or ""
        #: The connection carries again what another one has carried.
        self._is_repeating = False
        self._answer: Answer | None = None
        #: Opened while the present one is read to its end, and where it began.
        self._successor: tuple[Answer, str] | None = None
        self._handed_over_at = float("-inf")
        self._retry_delay: float | None = None
        self._stop = Interruption()

    @property
    def last_event_id(self) -> str:
        """A resume token over all topics; empty before the first event or checkpoint."""
        return self._last_event_id

    def close(self) -> None:
        """From another thread: the loop ends."""
        self._stop.set()

    def __iter__(self) -> Iterator[ReceivedEvent]:
        return self._events()

    def _events(self) -> Generator[ReceivedEvent, None, None]:
        kept = self._progress.load()
        if kept is not None:
            self._last_event_id = kept
        failures = 0
        try:
            while not self._stop.is_set:
                try:
                    self._answer, began_after = self._successor or self._open()
                    self._successor = None
                    if self._stop.is_set:
                        return
                    self._is_repeating = began_after != self._last_event_id
                    parser = SseParser(self._last_event_id)
                    while chunk := self._read():
                        for part in parser.take(chunk):
                            failures = 0
                            if isinstance(part, Retry):
                                self._retry_delay = part.seconds
                            elif isinstance(part, Moved):
                                self._move_to(part.last_event_id)
                            else:
                                yield from self._take(part)
                        # The next ones may be a long time coming.
                        self._progress.save()
                    raise UnreachableError("unreachable", "the stream ended")
                except (RefusedError, UnreachableError) as error:
                    if self._stop.is_set:
                        return
                    if isinstance(error, RefusedError) and error.status != 429 and error.status < 500:
                        raise
                    if self._successor is not None and self._may_hand_over():
                        continue
                    failures += 1
                    delay = self._reopen_delay(error, failures)
                    if self._on_break is not None:
                        self._on_break(error, delay)
                    self._http.clock.pause(delay, self._stop.event)
                finally:
                    if self._answer is not None:
                        self._answer.close()
                        self._answer = None
        finally:
            if self._successor is not None:
                self._successor[0].close()
            self._progress.save()

    def _read(self) -> bytes:
        assert self._answer is not None
        try:
            return self._answer.read_some(self._idle_timeout)
        except TimeoutError as error:
            said = f"{self._http.base} said nothing for {self._idle_timeout} s"
            raise UnreachableError("timeout", said) from error
        # A response that another thread has interrupted may have lost its file.
        except (*BROKEN, ValueError, AttributeError) as error:
            raise self._http.unreachable(error) from error

    def _take(self, message: Message) -> Generator[ReceivedEvent, None, None]:
        if message.name == "message":
            yield from self._hand_out(read_json(message.data), message.last_event_id)
        elif message.name == "checkpoint":
            self._move_to(message.last_event_id)
        elif message.name == "clamped":
            pass_gap(Gap(None, self._last_event_id), self._on_gap)
        elif message.name == "draining" and self._successor is None:
            try:
                self._successor = self._open()
            except TidingsError:
                pass  # It is opened in its time, after the present one.

    def _hand_out(self, event: ReceivedEvent, last_event_id: str) -> Generator[ReceivedEvent, None, None]:
        if not self._seen.is_new(event):
            if self._seen.is_last(event):
                self._is_repeating = False
            return
        self._is_repeating = False
        # The token moves before the event is handed out: while it is worked on, it is "the last one".
        self._last_event_id = last_event_id
        yield event
        self._progress.note(last_event_id, 1)

    def _move_to(self, last_event_id: str) -> None:
        # Not while a connection repeats: its tokens are behind what was handed out.
        if self._is_repeating:
            return
        self._last_event_id = last_event_id
        self._progress.note(last_event_id, 0)

    def _may_hand_over(self) -> bool:
        """Once a second at most: a server that drains again and again would else be asked without a pause."""
        now = self._http.clock.now()
        is_allowed = now - self._handed_over_at >= _SHORTEST_REOPEN
        if is_allowed:
            self._handed_over_at = now
        return is_allowed

    def _reopen_delay(self, error: TidingsError, failures: int) -> float:
        if failures == 1 and self._retry_delay is not None and not isinstance(error, RefusedError):
            return min(max(self._retry_delay, _SHORTEST_REOPEN), _LONGEST_REOPEN)
        return retry_delay(error, failures)

    def _open(self) -> tuple[Answer, str]:
        after = self._last_event_id
        query = {**self._query, "since": None if after else self._since}
        headers = {"accept": "text/event-stream", **({"last-event-id": after} if after else {})}
        answer = self._http.open("GET", "/v1/stream", query=query, headers=headers, interruption=self._stop)
        if not (answer.response.headers.get("content-type") or "").startswith("text/event-stream"):
            answer.close()
            raise InvalidAnswerError(f"{self._http.base} did not answer with an event stream")
        if self._on_open is not None:
            self._on_open()
        return answer, after
