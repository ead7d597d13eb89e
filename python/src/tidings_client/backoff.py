from __future__ import annotations

import random
from email.utils import parsedate_to_datetime

from .errors import RefusedError

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0


def retry_delay(error: BaseException, failures: int) -> float:
    """Seconds until the next try: as the server said, else doubling, half of it random so that clients spread."""
    if isinstance(error, RefusedError) and error.retry_after_seconds is not None:
        return float(error.retry_after_seconds)
    full: float = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(failures - 1, 10))
    return full / 2 + full / 2 * random.random()


def retry_after_seconds(value: str | None, now: float) -> int | None:
    """``Retry-After`` (RFC 9110 §10.2.3) in seconds, 1 to 86,400; ``None`` for what is neither form of it."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return _clamped(int(text))
    try:
        return _clamped(int(parsedate_to_datetime(text).timestamp() - now + 0.999))
    except (TypeError, ValueError):
        return None


def _clamped(seconds: int) -> int:
    # A loop that is told "0" must not spin, and one that is told "a thousand years" must come back.
    return min(max(seconds, 1), 86_400)
