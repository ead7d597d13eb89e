"""One server, one identity, over the standard library's HTTP client."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from .backoff import retry_after_seconds
from .clock import Clock
from .errors import FieldError, InvalidAnswerError, RefusedError, TidingsError, UnreachableError
from .exact_json import read_json
from .interruption import Interruption

RETRIED_STATUSES = frozenset({429, 502, 503, 504})

#: What reading and writing a connection raises when it breaks.
BROKEN = (OSError, http.client.HTTPException)


class Answer:
    """An answer whose headers have come and whose body has not been read."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        own_socket: socket.socket,
        response: http.client.HTTPResponse,
        interruption: Interruption,
    ) -> None:
        self._connection = connection
        self._socket = own_socket
        self._interruption = interruption
        self.response = response

    def read_some(self, timeout: float) -> bytes:
        """What has come, once something has; ``b""`` at the end."""
        self._socket.settimeout(timeout)
        return self.response.read1(65_536)

    def read(self) -> bytes:
        return self.response.read()

    def close(self) -> None:
        self._interruption.release(self._socket)
        self.response.close()
        self._connection.close()


class Http:
    def __init__(
        self,
        url: str,
        *,
        key: str | None,
        client_id: str | None,
        client_secret: str | None,
        timeout: float,
        clock: Clock,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the server's address must begin with http:// or https://, not {url}")
        if timeout <= 0:
            raise ValueError("timeout must be a number of seconds above 0")
        self._parts = parts
        self._timeout = timeout
        self._ssl_context = ssl_context
        self._headers = {"accept": "application/json", "user-agent": "tidings-client-python/0.1.0"}
        if client_id is not None:
            pair = f"{client_id}:{client_secret or ''}".encode()
            self._headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif key is not None:
            self._headers["authorization"] = f"Bearer {key}"
        self.base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self.clock = clock

    def json(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | None] | None = None,
        body: str | None = None,
        extra_time: float = 0,
        interruption: Interruption | None = None,
    ) -> Any:
        answer = self.open(method, path, query=query, body=body, extra_time=extra_time, interruption=interruption)
        try:
            text = answer.read()
        except BROKEN as error:
            raise self.unreachable(error) from error
        finally:
            answer.close()
        if not text:
            return None
        try:
            return read_json(text)
        except ValueError as error:
            raise InvalidAnswerError(f"{self.base} did not answer with JSON: is it a Tidings server?") from error

    def open(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | None] | None = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra_time: float = 0,
        interruption: Interruption | None = None,
    ) -> Answer:
        """An answer of the 200s. Raises ``RefusedError``, ``UnreachableError``, ``InvalidAnswerError``."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = self._parts.path.rstrip("/") + path + (f"?{urlencode(given)}" if given else "")
        sent = {**self._headers, **(headers or {})}
        if body is not None:
            sent["content-type"] = "application/json"
        interruption = interruption or Interruption()
        connection = self._connect(self._timeout + extra_time)
        own_socket: socket.socket | None = None
        try:
            connection.connect()
            # Kept apart: the connection forgets its socket once the response owns it.
            own_socket = connection.sock
            interruption.hold(own_socket)
            connection.request(method, target, body=None if body is None else body.encode(), headers=sent)
            answer = Answer(connection, own_socket, connection.getresponse(), interruption)
        except BROKEN as error:
            if own_socket is not None:
                interruption.release(own_socket)
            connection.close()
            raise self.unreachable(error) from error
        if 200 <= answer.response.status < 300:
            return answer
        try:
            raise self._refusal(answer)
        finally:
            answer.close()

    def unreachable(self, error: BaseException) -> UnreachableError:
        if isinstance(error, TimeoutError):
            return UnreachableError("timeout", f"{self.base} did not answer in time")
        return UnreachableError("unreachable", f"cannot reach {self.base} ({error or type(error).__name__})")

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        context = self._ssl_context or ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)

    def _refusal(self, answer: Answer) -> TidingsError:
        status = answer.response.status
        try:
            text = answer.read()
        except BROKEN:
            text = b""
        retry_after = retry_after_seconds(answer.response.headers.get("retry-after"), self.clock.now())
        try:
            problem = read_json(text)
            code = problem["code"]
            message = problem.get("detail") or problem.get("title") or code
            errors = [FieldError(e["pointer"], e["code"], e["detail"]) for e in problem.get("errors") or []]
            return RefusedError(status, code, message, errors, retry_after)
        except (ValueError, KeyError, TypeError, AttributeError):
            pass  # Not a problem document: a proxy, or not Tidings at all.
        if status in RETRIED_STATUSES:
            return RefusedError(status, "overloaded", f"{self.base} answered {status}", (), retry_after)
        return InvalidAnswerError(f"{self.base} answered {status} without a problem: is it a Tidings server?")


def is_passing(error: BaseException) -> bool:
    """No answer, or one that says to come back."""
    if isinstance(error, RefusedError):
        return error.status in RETRIED_STATUSES
    return isinstance(error, UnreachableError)
