from __future__ import annotations

import ssl
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .backoff import retry_delay
from .checkpoint import Checkpoint
from .clock import Clock, SystemClock
from .errors import TidingsError
from .events import NewEvent, PublishedEvent
from .exact_json import write_json
from .feed import Feed, OnGap
from .http import Http, is_passing
from .publisher import BackgroundPublisher, OnRefused, OnRetry
from .stream import EventStream

#: Tries of a request that can be repeated safely.
_MAX_ATTEMPTS = 4


class Tidings:
    """A Tidings server, seen by one identity: a publisher, an integration, an access token, the operator. ::

        tidings = Tidings("https://tidings.example.com", key=os.environ["TIDINGS_KEY"])
        tidings.publish({"tenantId": 29302, "type": "invoice.updated", "entityId": "3817"})

    ``key``: an operator's or publisher's key, or an access token. ``client_id`` with ``client_secret``: an integration,
    for all tenants that granted it. ``timeout``: seconds until an answer; a long poll's ``wait`` comes on top.
    It can be used by several threads at once; a feed or a stream belongs to one.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        timeout: float = 30.0,
        ssl_context: ssl.SSLContext | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._http = Http(
            url,
            key=key,
            client_id=client_id,
            client_secret=client_secret,
            timeout=timeout,
            clock=clock or SystemClock(),
            ssl_context=ssl_context,
        )

    def publish(self, events: NewEvent | Sequence[NewEvent]) -> Sequence[PublishedEvent]:
        """One event or a list (up to 1,000, in order, all or nothing); returns when they are durable.

        An event without ``id`` gets one here, so that a try which got no answer can be repeated without publishing twice.
        """
        drafts: list[NewEvent] = list(events) if isinstance(events, (list, tuple)) else [events]  # type: ignore[list-item]
        texts = [write_json({**event, "id": event.get("id") or str(uuid.uuid4())}) for event in drafts]
        # One event goes alone: a refusal then points at `/tenantId`, not at `/0/tenantId`.
        body = f"[{','.join(texts)}]" if isinstance(events, (list, tuple)) else texts[0]
        answer = self._repeated(lambda: self._http.json("POST", "/v1/events", body=body))
        published: Sequence[PublishedEvent] = answer["events"]
        return published

    def publisher(
        self,
        *,
        on_refused: OnRefused,
        on_retry: OnRetry | None = None,
        max_batch_events: int = 500,
        max_batch_bytes: int = 1024 * 1024,
        max_delay: float = 0.005,
        max_buffered_events: int = 10_000,
        max_buffered_bytes: int = 32 * 1024 * 1024,
        exit_drain: float = 10.0,
    ) -> BackgroundPublisher:
        """Publishes in the background, in batches and in order, until the server has each event. Close it at the end."""
        return BackgroundPublisher(
            self._http,
            on_refused=on_refused,
            on_retry=on_retry,
            max_batch_events=max_batch_events,
            max_batch_bytes=max_batch_bytes,
            max_delay=max_delay,
            max_buffered_events=max_buffered_events,
            max_buffered_bytes=max_buffered_bytes,
            exit_drain=exit_drain,
        )

    def feed(
        self,
        topic: str,
        *,
        after: str | None = None,
        limit: int = 500,
        wait: int = 20,
        types: Sequence[str] | None = None,
        tenants: Sequence[int] | None = None,
        filter: Mapping[str, Any] | None = None,
        checkpoint: Checkpoint | None = None,
        on_gap: OnGap | None = None,
    ) -> Feed:
        """A topic from a position on, for ever; follows by long poll.

        ``after``: go on after this offset; without it from the earliest event. What ``checkpoint`` keeps goes before it.
        ``on_gap``: the position is older than the retention, so events are gone; without it the feed raises ``GapError``.
        """
        return Feed(
            self._http,
            topic,
            after=after,
            limit=limit,
            wait=wait,
            types=types,
            tenants=tenants,
            filter=filter,
            checkpoint=checkpoint,
            on_gap=on_gap,
        )

    def stream(
        self,
        *,
        topics: Sequence[str] | None = None,
        last_event_id: str | None = None,
        since: str | None = None,
        types: Sequence[str] | None = None,
        tenants: Sequence[int] | None = None,
        filter: Mapping[str, Any] | None = None,
        checkpoint: Checkpoint | None = None,
        idle_timeout: float = 60.0,
        on_open: Callable[[], None] | None = None,
        on_break: Callable[[TidingsError, float], None] | None = None,
        on_gap: OnGap | None = None,
    ) -> EventStream:
        """Live events of several topics over SSE; opened again by itself from where it broke.

        ``last_event_id``: of an earlier stream over the same topics; ``since``: an RFC 3339 time; without either live from
        now. What ``checkpoint`` keeps goes before both. ``idle_timeout``: seconds without a byte after which the
        connection is taken for dead; the server says something every 15.
        """
        return EventStream(
            self._http,
            topics=topics,
            last_event_id=last_event_id,
            since=since,
            types=types,
            tenants=tenants,
            filter=filter,
            checkpoint=checkpoint,
            idle_timeout=idle_timeout,
            on_open=on_open,
            on_break=on_break,
            on_gap=on_gap,
        )

    def request(self, method: str, path: str, body: object | None = None) -> Any:
        """Any other route: a parsed answer, with the digits of its numbers. Only GET is repeated by itself."""
        text = None if body is None else write_json(body)

        def send() -> Any:
            return self._http.json(method, path, body=text)

        return self._repeated(send) if method == "GET" else send()

    def _repeated(self, send: Callable[[], Any]) -> Any:
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return send()
            except TidingsError as error:
                if attempt == _MAX_ATTEMPTS or not is_passing(error):
                    raise
                self._http.clock.pause(retry_delay(error, attempt), threading.Event())
