from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

from tidings_client import Checkpoint, FileCheckpointStore, MemoryCheckpointStore
from tidings_client.checkpoint import Progress, SeenEvents
from tidings_client.events import ReceivedEvent

from .scripted_server import QuickClock


def at(offset: str) -> ReceivedEvent:
    return {"type": "a.b", "timestamp": "", "tenantId": 1, "topic": "a", "offset": offset, "id": offset}


class Files(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_position_is_there_again_for_each_name_its_own(self) -> None:
        store = FileCheckpointStore(self.folder / "made" / "here")
        self.assertIsNone(store.load("books"))
        store.save("books", "o1")
        store.save("books", "o2")
        store.save("../else/where", "o9")
        other = FileCheckpointStore(self.folder / "made" / "here")
        self.assertEqual([other.load("books"), other.load("../else/where")], ["o2", "o9"])
        self.assertEqual(os.listdir(self.folder), ["made"])

    def test_what_a_crash_left_beside_the_file_is_not_taken_for_it(self) -> None:
        store = FileCheckpointStore(self.folder)
        store.save("books", "o1")
        (self.folder / "books.checkpoint.next").write_text("o2 was never")
        self.assertEqual(store.load("books"), "o1")
        store.save("books", "o3")
        self.assertEqual(store.load("books"), "o3")

    def test_an_empty_file_is_no_beginning(self) -> None:
        (self.folder / "books.checkpoint").write_text("")
        with self.assertRaisesRegex(ValueError, "books.checkpoint is empty"):
            FileCheckpointStore(self.folder).load("books")


class ProgressOfAReader(unittest.TestCase):
    def test_it_is_saved_after_so_many_events_or_so_much_time(self) -> None:
        store, clock = MemoryCheckpointStore(), QuickClock()
        progress = Progress(Checkpoint(store, "books", every_events=3, every_seconds=10), clock)
        self.assertIsNone(progress.load())
        saved = []
        for offset in ("o1", "o2", "o3", "o4"):
            progress.note(offset, 1)
            saved.append(store.load("books"))
        self.assertEqual(saved, [None, None, "o3", "o3"])
        clock.pauses.append(10)
        progress.note("o5", 0)
        self.assertEqual(store.load("books"), "o5")


class Seen(unittest.TestCase):
    def test_an_event_is_new_once_and_the_oldest_are_forgotten(self) -> None:
        seen = SeenEvents()
        self.assertEqual([seen.is_new(at(each)) for each in ("o1", "o2", "o1")], [True, True, False])
        self.assertEqual([seen.is_last(at(each)) for each in ("o1", "o2")], [False, True])
        for number in range(10_000):
            seen.is_new(at(f"x{number}"))
        self.assertTrue(seen.is_new(at("o1")))
