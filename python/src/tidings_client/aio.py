"""The same for asyncio: what waits, waits in a thread. ::

tidings = AsyncTidings("https://tidings.example.com", key=…)
async for event in tidings.feed("invoices", checkpoint=…):
    await handle(event)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .client import Tidings
from .events import NewEvent, PublishedEvent, ReceivedEvent
from .feed import Feed
from .publisher import BackgroundPublisher
from .stream import EventStream


class AsyncTidings:
    """Takes what ``Tidings`` takes."""

    def __init__(self, url: str, **options: Any) -> None:
        self._tidings = Tidings(url, **options)

    async def publish(self, events: NewEvent | Sequence[NewEvent]) -> Sequence[PublishedEvent]:
        return await asyncio.to_thread(self._tidings.publish, events)

    def publisher(self, **options: Any) -> AsyncPublisher:
        return AsyncPublisher(self._tidings.publisher(**options))

    def feed(self, topic: str, **options: Any) -> AsyncGenerator[ReceivedEvent, None]:
        return _events(self._tidings.feed(topic, **options))

    def stream(self, **options: Any) -> AsyncGenerator[ReceivedEvent, None]:
        return _events(self._tidings.stream(**options))

    async def request(self, method: str, path: str, body: object | None = None) -> Any:
        return await asyncio.to_thread(self._tidings.request, method, path, body)


class AsyncPublisher:
    """``async with tidings.publisher(on_refused=…) as publisher``. Its callbacks are called in another thread."""

    def __init__(self, publisher: BackgroundPublisher) -> None:
        self._publisher = publisher

    async def publish(self, event: NewEvent) -> Awaitable[PublishedEvent]:
        """Resolves when the event is accepted, with what resolves when it is durable."""
        accepted = self._publisher.try_publish(event)
        if accepted is None:
            # At the cap it waits for room.
            accepted = await asyncio.to_thread(self._publisher.publish, event)
        return asyncio.wrap_future(accepted.published)

    async def drain(self) -> None:
        await asyncio.to_thread(self._publisher.drain)

    async def close(self) -> None:
        await asyncio.to_thread(self._publisher.close)

    async def __aenter__(self) -> AsyncPublisher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _events(source: Feed | EventStream) -> AsyncGenerator[ReceivedEvent, None]:
    loop = asyncio.get_running_loop()
    iterator = iter(source)
    end = object()
    # One thread for all of its steps: a generator is not entered by two.
    with ThreadPoolExecutor(1, "tidings-reader") as thread:
        try:
            while (event := await loop.run_in_executor(thread, next, iterator, end)) is not end:
                yield event  # type: ignore[misc]
        finally:
            source.close()
            # Behind the step that is under way, which `close` has woken: what is done is kept.
            thread.submit(iterator.close)  # type: ignore[attr-defined]
