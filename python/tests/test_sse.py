from __future__ import annotations

import random
import unittest

from tidings_client.sse import Message, Moved, Part, Retry, SseParser


def read(*chunks: bytes) -> list[Part]:
    parser = SseParser("before")
    return [part for chunk in chunks for part in parser.take(chunk)]


class Sse(unittest.TestCase):
    def test_parts(self) -> None:
        cases: list[tuple[str, list[Part]]] = [
            ("data: a\n\n", [Message("message", "a", "before")]),
            ("data: a\ndata:b\ndata\n\n", [Message("message", "a\nb\n", "before")]),
            ("event: x\nid: 7\ndata: a\n\ndata: b\n\n", [Message("x", "a", "7"), Message("message", "b", "7")]),
            ("id: 8\n\n", [Moved("8")]),
            (": hello\nfoo: bar\nid: a\0b\ndata: a\n\n", [Message("message", "a", "before")]),
            ("retry: 250\n\nretry: soon\n\n", [Retry(0.25)]),
            ("data: a\n", []),
            ("\ufeffdata: a\n\n", [Message("message", "a", "before")]),
        ]
        for text, expected in cases:
            with self.subTest(text):
                self.assertEqual(read(text.encode()), expected)

    def test_however_it_is_cut_and_ended_it_reads_the_same(self) -> None:
        text = 'id: é1\ndata: {"name":"Åkerlund – 日本"}\n\nevent: checkpoint\nid: é2\ndata: {}\n\n'
        whole = read(text.encode())
        chance = random.Random(1)
        for end in ("\n", "\r\n", "\r"):
            sent = text.replace("\n", end).encode() + (b"\n" if end == "\r" else b"")
            for _ in range(200):
                cuts = sorted(chance.randrange(len(sent)) for _ in range(chance.randrange(20)))
                pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
                self.assertEqual(read(*pieces), whole)
