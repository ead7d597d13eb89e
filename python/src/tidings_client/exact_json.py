"""JSON without loss of digits: integers are ``int``, other numbers ``decimal.Decimal``, in both directions."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


class RawJson:
    """A piece of JSON text that goes out exactly as it is."""

    def __init__(self, text: str) -> None:
        json.loads(text)
        self.text = text


def read_json(text: str | bytes) -> Any:
    """Raises ``ValueError`` when the text is not JSON."""
    return json.loads(text, parse_float=Decimal)


def write_json(value: object) -> str:
    """Raises ``TypeError`` and ``ValueError`` for what JSON has no words for."""
    if isinstance(value, RawJson):
        return value.text
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"JSON has no {value}")
        # Not `1E+2`, which JSON allows and few people expect; and never fewer digits.
        return format(value, "f")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"JSON has no {value}")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(key)}:{write_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(write_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the keys of JSON objects are text, not {type(key).__name__}")
    return json.dumps(key, ensure_ascii=False)
