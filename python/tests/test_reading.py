from __future__ import annotations

import threading
import unittest
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any

from tidings_client import Checkpoint, EventStream, Feed, Gap, GapError, MemoryCheckpointStore, RefusedError, Tidings

from .scripted_server import (
    Asked,
    QuickClock,
    Reply,
    ScriptedServer,
    event,
    hang_up,
    message,
    page,
    problem,
    sse,
)

RETRY_NOW = "retry: 0\n\n"


def offsets(source: Iterable[Any], count: int) -> list[str]:
    return [each["offset"] for each in islice(source, count)]


def client(server: ScriptedServer, clock: QuickClock | None = None, **options: Any) -> Tidings:
    return Tidings(server.url, clock=clock or QuickClock(), **options)


class TheFeed(unittest.TestCase):
    def feed(self, server: ScriptedServer, **options: Any) -> Feed:
        return client(server).feed("invoices", **options)

    def test_it_goes_on_from_page_to_page_over_broken_connections(self) -> None:
        with ScriptedServer(page(["o1", "o2"], "o2"), hang_up, page([], "o5"), page(["o6"], "o6")) as server:
            feed = self.feed(server, after="o0", types=["invoice.*"], tenants=[1], filter={"data.n": Decimal("1.10")})
            self.assertEqual(offsets(feed, 3), ["o1", "o2", "o6"])
            self.assertEqual([each.query.get("after") for each in server.requests], ["o0", "o2", "o2", "o5"])
            asked = server.requests[0].query
            self.assertEqual((asked["types"], asked["tenants"], asked["filter"]), ("invoice.*", "1", '{"data.n":1.10}'))

    def test_digits_are_kept(self) -> None:
        with ScriptedServer(page(["o1"], "o1")) as server:
            (read,) = islice(self.feed(server), 1)
            self.assertEqual(str(read["data"]["n"]), "1.10")

    def test_what_it_has_now_ends_at_its_end(self) -> None:
        with ScriptedServer(page(["o1"], "o1"), page([], "o1")) as server:
            self.assertEqual([each["offset"] for each in self.feed(server).until_end()], ["o1"])

    def test_a_refusal_ends_it(self) -> None:
        with ScriptedServer(problem(404, "not_found")) as server, self.assertRaises(RefusedError) as caught:
            next(iter(self.feed(server)))
        self.assertEqual((caught.exception.code, caught.exception.status), ("not_found", 404))

    def test_it_outlasts_a_server_that_is_away(self) -> None:
        away = problem(503, "shutting_down", {"retry-after": "0"})
        with ScriptedServer(page(["o1"], "o1"), *[away] * 9, page(["o2"], "o2")) as server:
            self.assertEqual(offsets(self.feed(server), 2), ["o1", "o2"])

    def test_one_that_is_answered_at_once_with_nothing_asks_once_a_second(self) -> None:
        with ScriptedServer(page([], "o1"), page([], "o1"), page([], "o1"), page(["o2"], "o2")) as server:
            clock = QuickClock()
            next(iter(client(server, clock).feed("invoices")))
            self.assertEqual(clock.pauses, [1.0, 1.0])

    def test_it_keeps_what_is_done_and_never_what_is_under_way(self) -> None:
        with ScriptedServer(page(["o1", "o2", "o3"], "o4"), page(["o6"], "o6")) as server:
            store = MemoryCheckpointStore()
            checkpoint = Checkpoint(store, "books", every_events=1)
            kept = []
            events = iter(self.feed(server, after="o0", checkpoint=checkpoint))
            for _ in range(3):
                next(events)
                kept.append(store.load("books"))
            events.close()  # type: ignore[attr-defined]
            self.assertEqual(kept, [None, "o1", "o2"])
            # Whoever leaves the loop has not finished the event at which it left.
            self.assertEqual(store.load("books"), "o2")
            next(iter(self.feed(server, after="o0", checkpoint=checkpoint)))
            self.assertEqual([each.query["after"] for each in server.requests], ["o0", "o2"])

    def test_a_gap_ends_it_unless_somebody_takes_it(self) -> None:
        with ScriptedServer(page(["o9"], "o9", clamped=True)) as server:
            with self.assertRaises(GapError) as caught:
                next(iter(self.feed(server, after="o1")))
            self.assertEqual(caught.exception.gap, Gap("invoices", "o1"))
            gaps: list[Gap] = []
            self.assertEqual(offsets(self.feed(server, after="o1", on_gap=gaps.append), 1), ["o9"])
            self.assertEqual(gaps, [Gap("invoices", "o1")])

    def test_what_is_answered_twice_is_handed_out_once(self) -> None:
        with ScriptedServer(page(["o1", "o2"], "o2"), page(["o2", "o3"], "o3")) as server:
            self.assertEqual(offsets(self.feed(server), 3), ["o1", "o2", "o3"])


class TheStream(unittest.TestCase):
    def stream(self, server: ScriptedServer, **options: Any) -> EventStream:
        return client(server).stream(**options)

    def test_it_resumes_after_what_it_had(self) -> None:
        with ScriptedServer(
            sse(RETRY_NOW + message("t1", "o1") + "event: checkpoint\nid: t9\ndata: {}\n\n"),
            problem(503, "shutting_down", {"retry-after": "0"}),
            sse("event: clamped\ndata: {}\n\n" + message("t10", "o10")),
        ) as server:
            clock, gaps = QuickClock(), list[Gap]()
            stream = client(server, clock).stream(topics=["invoices"], since="2026-01-31", on_gap=gaps.append)
            self.assertEqual(offsets(stream, 2), ["o1", "o10"])
            self.assertEqual(stream.last_event_id, "t10")
            self.assertEqual([each.headers.get("last-event-id") for each in server.requests], [None, "t9", "t9"])
            self.assertEqual(["since" in each.query for each in server.requests], [True, False, False])
            self.assertEqual(gaps, [Gap(None, "t9")])
            # `retry: 0` and `Retry-After: 0` would spin.
            self.assertEqual(clock.pauses, [1.0, 1.0])

    def test_a_refusal_and_a_gap_end_it(self) -> None:
        with ScriptedServer(problem(401, "unauthorized")) as server, self.assertRaises(RefusedError):
            next(iter(self.stream(server)))
        with ScriptedServer(sse("event: clamped\ndata: {}\n\n" + message("t9", "o9"))) as server:
            with self.assertRaises(GapError):
                next(iter(self.stream(server, last_event_id="t1")))

    def test_it_keeps_the_place_of_what_is_done(self) -> None:
        with ScriptedServer(
            sse("id: t0\n\n" + message("t1", "o1") + message("t2", "o2")),
            sse("event: checkpoint\nid: t8\ndata: {}\n\n"),
            sse(message("t9", "o9")),
        ) as server:
            store = MemoryCheckpointStore()
            checkpoint = Checkpoint(store, "books", every_events=1)
            self.assertEqual(
                offsets(self.stream(server, checkpoint=checkpoint, last_event_id="first"), 2), ["o1", "o2"]
            )
            self.assertEqual(store.load("books"), "t1")
            offsets(self.stream(server, checkpoint=checkpoint, last_event_id="first"), 1)
            self.assertEqual(store.load("books"), "t8")
            self.assertEqual([each.headers["last-event-id"] for each in server.requests], ["first", "t1", "t8"])

    def test_at_a_drain_it_opens_the_next_connection_and_reads_the_present_one_to_its_end(self) -> None:
        opened = threading.Event()

        def draining(reply: Reply, _: Asked) -> None:
            text = message("t1", "o1") + "event: draining\ndata: {}\n\n"
            reply.send(200, text, {"content-type": "text/event-stream"}, ends=False)
            opened.wait()
            reply.more(message("t2", "o2") + message("t3", "o3"))

        def successor(reply: Reply, _: Asked) -> None:
            opened.set()
            # What the former connection still carried comes again here, and its places are behind.
            text = message("t2", "o2") + "event: checkpoint\nid: t2b\ndata: {}\n\n" + message("t3", "o3")
            reply.send(200, text + message("t4", "o4"), {"content-type": "text/event-stream"})

        with ScriptedServer(draining, successor, sse(message("t5", "o5"))) as server:
            clock = QuickClock()
            kept: list[str] = []

            class Kept(MemoryCheckpointStore):
                def save(self, name: str, position: str) -> None:
                    kept.append(position)

            stream = client(server, clock).stream(checkpoint=Checkpoint(Kept(), "books", every_seconds=0))
            places = []
            for each in islice(stream, 5):
                places.append((each["offset"], stream.last_event_id))
            self.assertEqual(places, [(f"o{n}", f"t{n}") for n in range(1, 6)])
            # Never one behind: after a crash what had been done would come again.
            self.assertEqual(kept, ["t1", "t2", "t3", "t4"])
            self.assertEqual([each.headers.get("last-event-id") for each in server.requests], [None, "t1", "t4"])
            # No pause at the handing over; one after the second connection, which ended without a word.
            self.assertEqual(len(clock.pauses), 1)

    def test_one_that_falls_silent_is_opened_again(self) -> None:
        silent = threading.Event()

        def silence(reply: Reply, _: Asked) -> None:
            reply.send(200, message("t1", "o1"), {"content-type": "text/event-stream"}, ends=False)
            silent.wait()

        with ScriptedServer(silence, sse(message("t2", "o2"))) as server:
            breaks: list[str] = []
            stream = self.stream(server, idle_timeout=0.1, on_break=lambda error, _: breaks.append(str(error)))
            self.assertEqual(offsets(stream, 2), ["o1", "o2"])
            self.assertIn("said nothing for 0.1 s", breaks[0])
            silent.set()

    def test_it_is_closed_from_another_thread(self) -> None:
        hold = threading.Event()

        def held(reply: Reply, _: Asked) -> None:
            reply.send(200, message("t1", "o1"), {"content-type": "text/event-stream"}, ends=False)
            hold.wait()

        with ScriptedServer(held) as server:
            stream = self.stream(server)
            read: list[str] = []

            def follow() -> None:
                for each in stream:
                    read.append(each["offset"])
                    threading.Thread(target=stream.close).start()

            thread = threading.Thread(target=follow)
            thread.start()
            thread.join()
            self.assertEqual(read, ["o1"])
            hold.set()

    def test_a_store_that_fails_ends_it(self) -> None:
        class Failing(MemoryCheckpointStore):
            def save(self, name: str, position: str) -> None:
                raise OSError("the disk is full")

        with ScriptedServer(sse(message("t1", "o1"))) as server, self.assertRaisesRegex(OSError, "disk is full"):
            offsets(self.stream(server, checkpoint=Checkpoint(Failing(), "books")), 2)
        self.assertIn("invoice.updated", event("o1"))
