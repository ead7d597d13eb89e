"""The shapes of events, named as on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

JsonObject = Mapping[str, Any]


class _NewEventNeeded(TypedDict):
    tenantId: int
    #: A type of the catalogue, as ``invoice.updated``.
    type: str


class NewEvent(_NewEventNeeded, total=False):
    """A change to tell. Numbers may be ``int``, ``Decimal`` or ``RawJson``: none loses a digit."""

    #: Up to 255 characters; or give ``keys``.
    entityId: str
    #: A composite key: one-pair objects, in order.
    keys: Sequence[JsonObject]
    #: Your own, up to 128 characters: the same event again is answered with the first one's offset.
    id: str
    #: RFC 3339; its digits are kept. Without it the server's time counts.
    time: str
    actor: Any
    version: int | str
    state: Any
    attributes: JsonObject
    data: Any
    #: Changed columns and their new values: one-pair objects, in order.
    changed: Sequence[JsonObject]
    #: Raises no webhooks; it is still in the log.
    quiet: bool


class _ReceivedEventNeeded(TypedDict):
    type: str
    timestamp: str
    tenantId: int
    topic: str
    #: Where it stands in its topic: give it as ``after`` to go on from here.
    offset: str
    id: str


class ReceivedEvent(_ReceivedEventNeeded, total=False):
    """An event as the feed, the stream and ``standard`` webhooks carry it. Other numbers than integers are ``Decimal``."""

    entityId: str
    keys: Sequence[JsonObject]
    #: Webhooks only: grows by one with each event of the subscription.
    sequence: int
    version: int | str
    state: Any
    actor: Any
    attributes: JsonObject
    data: dict[str, Any]
    changed: Sequence[JsonObject]


class _PublishedEventNeeded(TypedDict):
    id: str
    topic: str
    offset: str
    #: It had been published before, and this is the first one's place.
    duplicate: bool


class PublishedEvent(_PublishedEventNeeded, total=False):
    #: False: no such tenant has been created yet. Absent: there is one.
    tenantKnown: bool
