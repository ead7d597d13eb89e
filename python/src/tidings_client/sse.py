"""An event stream taken apart as the HTML standard says (section 9.2.6)."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    #: ``message`` unless the server named it.
    name: str
    data: str
    #: The last id given, on this message or before it.
    last_event_id: str


@dataclass(frozen=True)
class Moved:
    """A block with an id and no data: progress, where nothing passed the filter."""

    last_event_id: str


@dataclass(frozen=True)
class Retry:
    seconds: float


Part = Message | Moved | Retry

_LINE_END = re.compile(r"\r\n|\n|\r")


class SseParser:
    def __init__(self, last_event_id: str) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._is_first = True
        self._id = last_event_id
        self._saw_id = False
        self._name = ""
        self._data: list[str] = []

    def take(self, chunk: bytes) -> list[Part]:
        """What is whole now."""
        text = self._rest + self._decoder.decode(chunk)
        # A `\r` at the very end may be the first half of `\r\n`: it waits for what follows.
        complete = len(text) - 1 if text.endswith("\r") else len(text)
        lines = _LINE_END.split(text[:complete])
        self._rest = lines.pop() + text[complete:]
        parts = [self._line(line) for line in lines]
        return [part for part in parts if part is not None]

    def _line(self, line: str) -> Part | None:
        if self._is_first:
            line = line.removeprefix("\ufeff")
            self._is_first = False
        if line == "":
            return self._end()
        if line.startswith(":"):
            return None
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id" and "\0" not in value:
            self._id = value
            self._saw_id = True
        elif field == "retry" and value.isascii() and value.isdigit():
            return Retry(int(value) / 1_000)
        return None

    def _end(self) -> Part | None:
        name, data, saw_id = self._name or "message", self._data, self._saw_id
        self._name, self._data, self._saw_id = "", [], False
        if data:
            return Message(name, "\n".join(data), self._id)
        return Moved(self._id) if saw_id else None
