"""How far a reader is done, and where that is kept."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from .clock import Clock
from .events import ReceivedEvent


class CheckpointStore(Protocol):
    """Where readers keep how far they are. Yours may be a table of your database.

    ``save`` returns when the position is as safe as it has to be: after a crash ``load`` gives the last position whose
    ``save`` returned, or a later one that was being saved, and never half of one.
    """

    def load(self, name: str) -> str | None:
        """``None``: nothing was saved under this name."""

    def save(self, name: str, position: str) -> None: ...


class MemoryCheckpointStore:
    """Lasts as long as the process: for tests, and where a new process may begin anew."""

    def __init__(self) -> None:
        self._positions: dict[str, str] = {}

    def load(self, name: str) -> str | None:
        return self._positions.get(name)

    def save(self, name: str, position: str) -> None:
        self._positions[name] = position


class FileCheckpointStore:
    """A file for each reader, in a directory that is made when it is not there.

    A position is written beside the old one, synced, and put in its place by a rename: a crash leaves the old one or
    the new one.
    """

    def __init__(self, directory: str | Path) -> None:
        self._directory = Path(directory)

    def load(self, name: str) -> str | None:
        file = self._file_of(name)
        try:
            position = file.read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        if not position:
            raise ValueError(f"{file} is empty. Delete it to begin where the reader begins without a checkpoint.")
        return position

    def save(self, name: str, position: str) -> None:
        file = self._file_of(name)
        self._directory.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(file.name + ".next")
        with open(beside, "w", encoding="utf-8") as written:
            written.write(position + "\n")
            written.flush()
            os.fsync(written.fileno())
        os.replace(beside, file)
        if os.name == "posix":
            # The rename itself is safe once the directory is.
            directory = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)

    def _file_of(self, name: str) -> Path:
        return self._directory / f"{quote(name, safe='')}.checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    store: CheckpointStore
    #: Of this reader, within the store: another reader has another name.
    name: str
    #: Events after which the position is saved at the latest. It is saved too whenever nothing waits.
    every_events: int = 100
    #: Seconds after which it is saved at the latest, while events come.
    every_seconds: float = 1.0


class Progress:
    """What is saved is never ahead of what is done: after a crash some events come again, and none is left out."""

    def __init__(self, checkpoint: Checkpoint | None, clock: Clock) -> None:
        self._checkpoint = checkpoint
        self._clock = clock
        self._done: str | None = None
        self._saved: str | None = None
        self._unsaved = 0
        self._saved_at = clock.now()

    def load(self) -> str | None:
        if self._checkpoint is None:
            return None
        self._done = self._saved = self._checkpoint.store.load(self._checkpoint.name)
        return self._saved

    def note(self, position: str, events: int) -> None:
        """Everything up to ``position`` is done. Saves it when it is time."""
        self._done = position
        self._unsaved += events
        if self._checkpoint is None:
            return
        is_due = self._clock.now() - self._saved_at >= self._checkpoint.every_seconds
        if is_due or self._unsaved >= self._checkpoint.every_events:
            self.save()

    def save(self) -> None:
        if self._checkpoint is None:
            return
        if self._done is not None and self._done != self._saved:
            self._checkpoint.store.save(self._checkpoint.name, self._done)
        self._saved = self._done
        self._unsaved = 0
        self._saved_at = self._clock.now()


class SeenEvents:
    """Events that were handed out lately, so that none of them is handed out again."""

    #: What two connections carry at once, while one takes over from the other, is less.
    _REMEMBERED = 10_000

    def __init__(self) -> None:
        self._keys: OrderedDict[tuple[str, str], None] = OrderedDict()

    def is_new(self, event: ReceivedEvent) -> bool:
        """Whether it was not there before; from now on it is."""
        key = (event["topic"], event["offset"])
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > self._REMEMBERED:
            self._keys.popitem(last=False)
        return True

    def is_last(self, event: ReceivedEvent) -> bool:
        return bool(self._keys) and next(reversed(self._keys)) == (event["topic"], event["offset"])
