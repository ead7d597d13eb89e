from __future__ import annotations

import asyncio
import json
import threading
import unittest

from tidings_client import AsyncTidings, Checkpoint, MemoryCheckpointStore

from .scripted_server import Asked, QuickClock, Reply, ScriptedServer, message, page
from .test_publisher import new, store


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def test_a_feed_is_read_and_keeps_what_is_done(self) -> None:
        with ScriptedServer(page(["o1", "o2", "o3"], "o3")) as server:
            kept = MemoryCheckpointStore()
            feed = AsyncTidings(server.url).feed("invoices", checkpoint=Checkpoint(kept, "books"))
            read = []
            async for event in feed:
                read.append(event["offset"])
                if len(read) == 3:
                    break
            await feed.aclose()
            self.assertEqual(read, ["o1", "o2", "o3"])
            self.assertEqual(kept.load("books"), "o2")

    async def test_what_waits_for_the_server_is_cancelled(self) -> None:
        hold = threading.Event()

        def held_stream(reply: Reply, _: Asked) -> None:
            reply.send(200, message("t1", "o1"), {"content-type": "text/event-stream"}, ends=False)
            hold.wait()

        def held_poll(_reply: Reply, _: Asked) -> None:
            hold.wait()

        tidings = {"stream": (held_stream,), "feed": (page(["o1"], "o1"), held_poll)}
        for way, steps in tidings.items():
            with self.subTest(way), ScriptedServer(*steps) as server:
                client, waiting = AsyncTidings(server.url), asyncio.Event()

                async def follow(client: AsyncTidings, way: str, waiting: asyncio.Event) -> None:
                    async for _ in client.stream() if way == "stream" else client.feed("invoices"):
                        waiting.set()

                task = asyncio.create_task(follow(client, way, waiting))
                await waiting.wait()
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
        hold.set()

    async def test_publishing_at_once_and_in_the_background(self) -> None:
        with ScriptedServer(store) as server:
            tidings = AsyncTidings(server.url, clock=QuickClock())
            self.assertEqual([each["id"] for each in await tidings.publish([new("1", id="a")])], ["a"])
            async with tidings.publisher(on_refused=print, max_buffered_events=1) as publisher:
                results = [await publisher.publish(new(each, id=each)) for each in "bcd"]
                self.assertEqual([(await each)["offset"] for each in results], ["o-b", "o-c", "o-d"])
            sent = [event["id"] for each in server.requests for event in json.loads(each.body)]
            self.assertEqual(sent, ["a", "b", "c", "d"])
