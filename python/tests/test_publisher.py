from __future__ import annotations

import json
import threading
import unittest
from collections.abc import Callable, Sequence
from typing import Any

from tidings_client import BackgroundPublisher, NewEvent, RefusedError, RefusedEvent, Tidings, TidingsError

from .scripted_server import Asked, QuickClock, Reply, ScriptedServer, Step, hang_up, problem

Sent = list[dict[str, Any]]


def new(entity_id: str, **more: Any) -> NewEvent:
    event: NewEvent = {"tenantId": 1, "type": "invoice.updated", "entityId": entity_id}
    event.update(more)  # type: ignore[typeddict-item]
    return event


def answering(answer: Callable[[Sent], tuple[int, object]], held: threading.Event | None = None) -> Step:
    def step(reply: Reply, asked: Asked) -> None:
        if held is not None:
            held.wait()
        status, body = answer(json.loads(asked.body))
        reply.send(status, json.dumps(body))

    return step


def stored(events: Sent) -> tuple[int, object]:
    places = [{"id": e["id"], "topic": "invoices", "offset": f"o-{e['id']}", "duplicate": False} for e in events]
    return 201, {"events": places}


store = answering(stored)


def refuse(*entity_ids: str) -> Step:
    def answer(events: Sent) -> tuple[int, object]:
        errors = [
            {"pointer": f"/{index}/data/total", "code": "type", "detail": "is no number"}
            for index, event in enumerate(events)
            if event["entityId"] in entity_ids
        ]
        return 422, {"code": "invalid_event", "detail": "Nothing was published.", "errors": errors}

    return answering(answer)


def batches(requests: Sequence[Asked]) -> list[list[str]]:
    return [[event["entityId"] for event in json.loads(each.body)] for each in requests]


class Publishing(unittest.TestCase):
    def publisher(self, server: ScriptedServer, **options: Any) -> BackgroundPublisher:
        self.refused: list[RefusedEvent] = []
        self.clock = QuickClock()
        options.setdefault("max_delay", 0)
        return Tidings(server.url, clock=self.clock).publisher(on_refused=self.refused.append, **options)

    def test_events_that_wait_together_go_together_in_order(self) -> None:
        held = threading.Event()
        with ScriptedServer(answering(stored, held), store) as server:
            publisher = self.publisher(server, max_batch_events=2)
            accepted = [publisher.publish(new(each, id=each)) for each in "12345"]
            held.set()
            publisher.close()
            self.assertEqual([each.published.result()["offset"] for each in accepted], [f"o-{n}" for n in "12345"])
            sent = batches(server.requests)
            self.assertEqual([each for batch in sent for each in batch], list("12345"))
            self.assertEqual([len(batch) for batch in sent if len(batch) > 2], [])

    def test_an_id_is_made_once(self) -> None:
        steps = (hang_up, problem(503, "shutting_down", {"retry-after": "7"}), answering(lambda _: (201, {})), store)
        with ScriptedServer(*steps) as server:
            retries: list[str] = []
            publisher = self.publisher(server, on_retry=lambda error, _: retries.append(str(error)))
            accepted = publisher.publish(new("1"))
            self.assertEqual(accepted.published.result()["id"], accepted.id)
            publisher.close()
            self.assertEqual(len({each.body for each in server.requests}), 1)
            self.assertIn(7.0, self.clock.pauses)
            self.assertEqual([each.split(" ")[0] for each in retries], ["cannot", "about", server.url])

    def test_a_key_that_is_refused_loses_nothing(self) -> None:
        with ScriptedServer(problem(401, "unauthorized"), problem(403, "forbidden"), store) as server:
            publisher = self.publisher(server)
            self.assertEqual(publisher.publish(new("1", id="a")).published.result()["offset"], "o-a")
            publisher.close()
            self.assertEqual(self.refused, [])

    def test_a_refused_event_keeps_no_other_out(self) -> None:
        held = threading.Event()
        with ScriptedServer(answering(stored, held), refuse("2", "4"), store) as server:
            publisher = self.publisher(server)
            publisher.publish(new("0"))
            # The first request may take some of them with it: those that are refused come behind it.
            while not server.requests:
                pass
            accepted = [publisher.publish(new(each)) for each in "12345"]
            held.set()
            publisher.close()
            self.assertEqual(batches(server.requests), [["0"], list("12345"), list("135")])
            self.assertEqual([json.loads(each.text)["entityId"] for each in self.refused], ["2", "4"])
            error = accepted[1].published.exception()
            assert isinstance(error, RefusedError)
            self.assertEqual((error.code, str(error)), ("invalid_event", "/data/total is no number"))

    def test_a_refusal_that_names_no_event_is_narrowed_down(self) -> None:
        def answer(events: Sent) -> tuple[int, object]:
            is_bad = any(each["entityId"] == "3" for each in events)
            return (413, {"code": "payload_too_large"}) if is_bad else stored(events)

        held = threading.Event()
        with ScriptedServer(answering(answer, held), answering(answer)) as server:
            publisher = self.publisher(server)
            accepted = [publisher.publish(new(each)) for each in "1234"]
            held.set()
            publisher.close()
            self.assertEqual([each.error.code for each in self.refused], ["payload_too_large"])
            self.assertEqual([each.published.exception() is None for each in accepted], [True, True, False, True])

    def test_at_the_cap_a_call_waits_its_turn_and_one_that_may_not_is_declined(self) -> None:
        held = threading.Event()
        with ScriptedServer(answering(stored, held), store) as server:
            publisher = self.publisher(server, max_buffered_events=2)
            self.assertIsNotNone(publisher.try_publish(new("1")))
            publisher.publish(new("2"))
            self.assertIsNone(publisher.try_publish(new("declined")))
            with self.assertRaises(TimeoutError):
                publisher.publish(new("impatient"), timeout=0)
            with self.assertRaises(TimeoutError):
                publisher.drain(timeout=0)
            self.assertEqual(publisher.pending, 2)
            waits = threading.Thread(target=publisher.publish, args=(new("3"),))
            waits.start()
            held.set()
            waits.join()
            publisher.close()
            self.assertEqual([each for batch in batches(server.requests) for each in batch], ["1", "2", "3"])

    def test_whoever_asks_for_the_end_does_not_wait_for_others_to_come_along(self) -> None:
        with ScriptedServer(store) as server:
            publisher = self.publisher(server, max_delay=60)
            publisher.publish(new("1"))
            publisher.drain(timeout=30)
            self.assertEqual(batches(server.requests), [["1"]])
            publisher.close()

    def test_a_closed_publisher_takes_nothing(self) -> None:
        with ScriptedServer(store) as server:
            publisher = self.publisher(server)
            publisher.close()
            with self.assertRaises(TidingsError) as caught:
                publisher.publish(new("1"))
            self.assertEqual(caught.exception.code, "closed")

    def test_limits_out_of_their_range_are_refused(self) -> None:
        with ScriptedServer(store) as server:
            for limits in ({"max_batch_events": 1_001}, {"max_buffered_events": 0}, {"max_delay": -1}):
                with self.subTest(limits), self.assertRaises(ValueError):
                    self.publisher(server, **limits)

    def test_publishing_at_once_is_repeated_with_the_same_id(self) -> None:
        single = answering(lambda event: stored([event]))  # type: ignore[list-item]
        with ScriptedServer(hang_up, single) as server:
            tidings = Tidings(server.url, clock=QuickClock(), key="k")
            (published,) = tidings.publish(new("1"))
            self.assertEqual(server.requests[0].body, server.requests[1].body)
            self.assertEqual(json.loads(server.requests[1].body)["id"], published["id"])
            self.assertEqual(server.requests[1].headers["authorization"], "Bearer k")
