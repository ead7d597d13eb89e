"""The client of Tidings: publish changes, read the feed and the stream, verify webhooks."""

from .aio import AsyncPublisher, AsyncTidings
from .checkpoint import Checkpoint, CheckpointStore, FileCheckpointStore, MemoryCheckpointStore
from .client import Tidings
from .clock import Clock
from .errors import (
    FieldError,
    Gap,
    GapError,
    InvalidAnswerError,
    RefusedError,
    SignatureError,
    TidingsError,
    UnreachableError,
)
from .events import NewEvent, PublishedEvent, ReceivedEvent
from .exact_json import RawJson, read_json, write_json
from .feed import Feed
from .publisher import AcceptedEvent, BackgroundPublisher, RefusedEvent
from .stream import EventStream
from .webhooks import VerifiedWebhook, WebhookDialect, verify_webhook

__all__ = [
    "AcceptedEvent",
    "AsyncPublisher",
    "AsyncTidings",
    "BackgroundPublisher",
    "Checkpoint",
    "CheckpointStore",
    "Clock",
    "EventStream",
    "Feed",
    "FieldError",
    "FileCheckpointStore",
    "Gap",
    "GapError",
    "InvalidAnswerError",
    "MemoryCheckpointStore",
    "NewEvent",
    "PublishedEvent",
    "RawJson",
    "ReceivedEvent",
    "RefusedError",
    "RefusedEvent",
    "SignatureError",
    "Tidings",
    "TidingsError",
    "UnreachableError",
    "VerifiedWebhook",
    "WebhookDialect",
    "read_json",
    "verify_webhook",
    "write_json",
]
