"""A topic from a position on, by long poll."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .backoff import retry_delay
from .checkpoint import Checkpoint, Progress, SeenEvents
from .errors import Gap, GapError, InvalidAnswerError, TidingsError
from .events import ReceivedEvent
from .exact_json import write_json
from .http import Http, is_passing
from .interruption import Interruption

OnGap = Callable[[Gap], None]

#: Seconds between two questions to which the answer is "nothing new".
_SHORTEST_POLL = 1.0


class Feed:
    """``for event in tidings.feed("invoices"): ...``, for ever. Survives restarts of the server.

    An event is done when the loop asks for the next one: with ``checkpoint`` its position is then kept, and a new
    process goes on there; what was under way at a crash comes again. Or keep ``position`` with your own data, in the
    same transaction, and give it as ``after``: then each event takes effect once.
    """

    def __init__(
        self,
        http: Http,
        topic: str,
        *,
        after: str | None,
        limit: int,
        wait: int,
        types: Sequence[str] | None,
        tenants: Sequence[int] | None,
        filter: Mapping[str, Any] | None,
        checkpoint: Checkpoint | None,
        on_gap: OnGap | None,
    ) -> None:
        self.topic = topic
        self._http = http
        self._wait = wait
        self._query = {"limit": str(limit), **selection(types, tenants, filter)}
        self._on_gap = on_gap
        self._progress = Progress(checkpoint, http.clock)
        self._seen = SeenEvents()
        self._position = after
        self._stop = Interruption()

    @property
    def position(self) -> str | None:
        """The offset of the last event handed out, or further where the filter passed nothing."""
        return self._position

    def close(self) -> None:
        """From another thread: the loop ends."""
        self._stop.set()

    def __iter__(self) -> Iterator[ReceivedEvent]:
        return self._events(ends=False)

    def until_end(self) -> Iterator[ReceivedEvent]:
        """Reads up to the present end and then stops."""
        return self._events(ends=True)

    def _events(self, ends: bool) -> Generator[ReceivedEvent, None, None]:
        kept = self._progress.load()
        if kept is not None:
            self._position = kept
        try:
            failures = 0
            while not self._stop.is_set:
                before, asked_at = self._position, self._http.clock.now()
                try:
                    page = self._page(0 if ends else self._wait)
                except TidingsError as error:
                    if not is_passing(error):
                        raise
                    failures += 1
                    self._http.clock.pause(retry_delay(error, failures), self._stop.event)
                    continue
                failures = 0
                yield from self._hand_out(page)
                if page["next"] == before or (not page["events"] and page["next"] == page["earliest"]):
                    if ends:
                        return
                    # A long poll that comes back at once with nothing (of a proxy that does not wait).
                    left = asked_at + _SHORTEST_POLL - self._http.clock.now()
                    if left > 0:
                        self._http.clock.pause(left, self._stop.event)
        finally:
            self._progress.save()

    def _hand_out(self, page: Mapping[str, Any]) -> Generator[ReceivedEvent, None, None]:
        for event in page["events"]:
            if not self._seen.is_new(event):
                continue
            # The position moves before the event is handed out: while it is worked on, it is "the last one".
            self._position = event["offset"]
            yield event
            self._progress.note(event["offset"], 1)
        self._position = page["next"]
        self._progress.note(page["next"], 0)
        # The next page may be a long time coming.
        self._progress.save()

    def _page(self, wait: int) -> Mapping[str, Any]:
        after = self._position
        query = {**self._query, "after": after, "wait": str(wait) if wait else None}
        page = self._http.json(
            "GET",
            f"/v1/topics/{quote(self.topic, safe='')}/events",
            query=query,
            extra_time=wait,
            interruption=self._stop,
        )
        if not isinstance(page, dict) or not {"events", "next", "earliest", "clamped"} <= page.keys():
            raise InvalidAnswerError(f"{self._http.base} did not answer with a page of events")
        if page["clamped"] and after is not None:
            pass_gap(Gap(self.topic, after), self._on_gap)
        return page


def selection(
    types: Sequence[str] | None, tenants: Sequence[int] | None, filter: Mapping[str, Any] | None
) -> dict[str, str | None]:
    return {
        "types": None if types is None else ",".join(types),
        "tenants": None if tenants is None else ",".join(map(str, tenants)),
        "filter": None if filter is None else write_json(filter),
    }


def pass_gap(gap: Gap, on_gap: OnGap | None) -> None:
    if on_gap is None:
        raise GapError(gap)
    on_gap(gap)
