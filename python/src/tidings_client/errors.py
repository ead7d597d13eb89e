"""Everything that this package raises on purpose. ``code`` is stable and made for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class TidingsError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class FieldError:
    """One fault in a request. ``pointer`` is a JSON Pointer (RFC 6901) into the body, as ``/0/tenantId``."""

    pointer: str
    code: str
    detail: str


class RefusedError(TidingsError):
    """The server answered and said no: an RFC 9457 problem."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        errors: Sequence[FieldError] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(code, message)
        self.status = status
        self.errors = tuple(errors)
        #: Seconds after which trying again makes sense, 1 to 86,400, when the server said so.
        self.retry_after_seconds = retry_after_seconds


class UnreachableError(TidingsError):
    """No answer came. ``code`` is ``unreachable`` or ``timeout``."""


class InvalidAnswerError(TidingsError):
    """Something answered that is not Tidings, or an answer was cut off."""

    def __init__(self, message: str) -> None:
        super().__init__("invalid_answer", message)


@dataclass(frozen=True)
class Gap:
    """Events that retention removed before they were read: they cannot come any more."""

    #: Of a feed; ``None``: any of the stream's topics.
    topic: str | None
    #: The position from which reading should have gone on.
    after: str


class GapError(TidingsError):
    """Reading ended, because going on would leave events out without a word."""

    def __init__(self, gap: Gap) -> None:
        of = "" if gap.topic is None else f" of {gap.topic}"
        super().__init__(
            "gap",
            f"The position {gap.after}{of} is older than the retention: the events after it, up to the earliest that"
            " is kept, are gone. To go on with the earliest, give on_gap, and bring your data up to date there.",
        )
        self.gap = gap


class SignatureError(TidingsError):
    """A webhook that must not be believed: answer it with 400 and do nothing.

    ``code`` is ``missing_header``, ``invalid_timestamp``, ``too_old``, ``too_new``, ``no_match`` or ``invalid_key``.
    """
