"""Answers each request by the next step; the last one stays."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: str

    @property
    def query(self) -> Mapping[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


class Reply:
    """What a step answers with."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler

    def send(self, status: int, body: str, headers: Mapping[str, str] | None = None, ends: bool = True) -> None:
        self._handler.send_response(status)
        for name, value in (headers or {}).items():
            self._handler.send_header(name, value)
        self._handler.end_headers()
        self.more(body)
        if ends:
            self._handler.close_connection = True

    def more(self, text: str) -> None:
        self._handler.wfile.write(text.encode())
        self._handler.wfile.flush()

    def hang_up(self) -> None:
        self._handler.close_connection = True
        self._handler.connection.close()


Step = Callable[[Reply, Asked], None]


class ScriptedServer:
    def __init__(self, *steps: Step) -> None:
        self.requests: list[Asked] = []
        lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
                asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                with lock:
                    step = steps[min(len(server.requests), len(steps) - 1)]
                    server.requests.append(asked)
                step(Reply(self), asked)

            do_GET = do_POST = answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class QuickClock:
    """Time that passes at once; ``pauses`` tells how much of it."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def now(self) -> float:
        return 1_767_225_600 + sum(self.pauses)

    def pause(self, seconds: float, stop: threading.Event) -> None:
        self.pauses.append(seconds)


def problem(status: int, code: str, headers: Mapping[str, str] | None = None) -> Step:
    body = json.dumps({"status": status, "code": code, "detail": f"about {code}", "errors": []})
    return lambda reply, _: reply.send(status, body, headers)


def hang_up(reply: Reply, _: Asked) -> None:
    reply.hang_up()


def event(offset: str) -> str:
    return f'{{"type":"invoice.updated","tenantId":1,"topic":"invoices","offset":"{offset}","data":{{"n":1.10}}}}'


def page(offsets: list[str], following: str, clamped: bool = False) -> Step:
    events = ",".join(map(event, offsets))
    body = f'{{"events":[{events}],"next":"{following}","earliest":"o0","clamped":{json.dumps(clamped)}}}'
    return lambda reply, _: reply.send(200, body)


def sse(text: str) -> Step:
    return lambda reply, _: reply.send(200, text, {"content-type": "text/event-stream"})


def message(token: str, offset: str) -> str:
    return f"id: {token}\ndata: {event(offset)}\n\n"
