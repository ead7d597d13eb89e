"""Tells whether a webhook comes from Tidings, and reads it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from .errors import SignatureError, TidingsError
from .exact_json import read_json

WebhookDialect = Literal["standard", "cloudevents", "tripletex", "visma-business-nxt", "moneybird", "fakturownia"]


@dataclass(frozen=True)
class VerifiedWebhook:
    #: The delivery's id, the same on every attempt: remember it to do nothing twice.
    delivery_id: str
    #: One, or several where the subscription has ``batch``. Numbers that are no integers are ``Decimal``.
    events: Sequence[Any]


@dataclass(frozen=True)
class _Request:
    headers: Mapping[str, str]
    body: bytes
    secrets: Sequence[str]
    tolerance: float
    now: float

    def header(self, name: str) -> str:
        value = self.headers.get(name)
        if not value:
            raise SignatureError("missing_header", f"the header {name} is missing")
        return value

    def check_time(self, text: str, where: str) -> None:
        if not re.fullmatch(r"[0-9]{1,12}", text):
            raise SignatureError("invalid_timestamp", f"{where} is no number")
        age = int(self.now) - int(text)
        if age > self.tolerance:
            raise SignatureError("too_old", f"the webhook was signed {age} s ago")
        if -age > self.tolerance:
            raise SignatureError("too_new", f"the webhook was signed {-age} s ahead")


def verify_webhook(
    *,
    headers: Mapping[str, str],
    body: bytes | str,
    secrets: str | Sequence[str],
    dialect: WebhookDialect = "standard",
    tolerance: float = 300,
    now: float | None = None,
) -> VerifiedWebhook:
    """Verifies over the body exactly as it came, before any parsing.

    ``secrets``: the subscription's; several while one is being rotated. ``standard`` and ``cloudevents``: ``whsec_…`` (a
    signing secret) and ``whpk_…`` (a signing public key). ``fakturownia`` has no signature: the webhook's ``api_token``.
    ``tolerance``: seconds that the signed time may be from ``now``, either way; some dialects sign none.

    Raises ``SignatureError`` with a ``code`` that says what is wrong; answer such a request with 400. Raises
    ``ValueError`` when what was signed is not JSON.
    """
    given = [secrets] if isinstance(secrets, str) else list(secrets)
    if not given or "" in given:
        # It would make every forgery genuine.
        raise SignatureError("invalid_key", "no secret was given, or an empty one: give the signing secret")
    raw = body.encode() if isinstance(body, str) else bytes(body)
    lower = {name.lower(): value for name, value in headers.items()}
    return _READERS[dialect](_Request(lower, raw, given, tolerance, time.time() if now is None else now))


def _standard(request: _Request) -> VerifiedWebhook:
    delivery_id = _verify_standard(request)
    read = read_json(request.body)
    return VerifiedWebhook(delivery_id, read if isinstance(read, list) else [read])


def _cloudevents(request: _Request) -> VerifiedWebhook:
    delivery_id = _verify_standard(request)
    read = read_json(request.body)
    media_type = request.headers.get("content-type", "")
    if media_type.startswith("application/cloudevents-batch+json"):
        return VerifiedWebhook(delivery_id, read)
    if media_type.startswith("application/cloudevents+json"):
        return VerifiedWebhook(delivery_id, [read])
    # Binary: attributes are headers, which the signature does not cover (HTTP binding §3.1.3.2).
    attributes = {name[3:]: unquote(value) for name, value in request.headers.items() if name.startswith("ce-")}
    return VerifiedWebhook(delivery_id, [{**attributes, "datacontenttype": media_type, "data": read}])


def _verify_standard(request: _Request) -> str:
    """Standard Webhooks 1.0: ``v1`` is HMAC-SHA256, ``v1a`` Ed25519, over ``<id>.<timestamp>.<body>``."""
    delivery_id = request.header("webhook-id")
    timestamp = request.header("webhook-timestamp")
    signatures = request.header("webhook-signature")
    request.check_time(timestamp, "webhook-timestamp")
    signed = f"{delivery_id}.{timestamp}.".encode() + request.body
    keys = [_standard_key(secret) for secret in request.secrets]
    for each in signatures.split(" "):
        version, _, text = each.partition(",")
        signature = _from_base64(text)
        if signature and any(version == key_version and check(signature, signed) for key_version, check in keys):
            return delivery_id
    raise _no_match()


def _standard_key(secret: str) -> tuple[str, Callable[[bytes, bytes], bool]]:
    key = _from_base64(re.sub(r"^(whsec_|whpk_)", "", secret))
    if not key or secret.startswith("whsk_"):
        raise SignatureError("invalid_key", "a secret begins with whsec_ (or whpk_ for a public key), then base64")
    if secret.startswith("whpk_"):
        return "v1a", _ed25519_check(key)
    return "v1", lambda signature, signed: hmac.compare_digest(signature, hmac.digest(key, signed, "sha256"))


def _ed25519_check(key: bytes) -> Callable[[bytes, bytes], bool]:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        message = "Ed25519 signatures need the package cryptography: pip install tidings-client[ed25519]"
        raise TidingsError("missing_package", message) from error

    def check(signature: bytes, signed: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
        except InvalidSignature:
            return False
        return True

    return check


def _tripletex(request: _Request) -> VerifiedWebhook:
    """``x-request-signature``: base64 of HMAC-SHA512 over ``<idempotency-key>&<body>``. No time is signed."""
    delivery_id = request.header("idempotency-key")
    signature = _from_base64(request.header("x-request-signature"))
    _match_hmac("sha512", request, [signature], f"{delivery_id}&".encode() + request.body)
    return VerifiedWebhook(delivery_id, [read_json(request.body)])


def _visma_business_nxt(request: _Request) -> VerifiedWebhook:
    """``x-vwd-signature-v1``: base64 of HMAC-SHA256 over the body alone."""
    delivery_id = request.header("x-vwd-notification-id")
    _match_hmac("sha256", request, [_from_base64(request.header("x-vwd-signature-v1"))], request.body)
    return VerifiedWebhook(delivery_id, [read_json(request.body)])


def _moneybird(request: _Request) -> VerifiedWebhook:
    """``Moneybird-Signature: t=<epoch seconds>,v1=<hex>[,v1=<hex>]``, HMAC-SHA256 over ``<t>.<body>``."""
    parts = [part.strip().partition("=")[::2] for part in request.header("moneybird-signature").split(",")]
    signed_at = next((value for name, value in parts if name == "t"), "")
    request.check_time(signed_at, "`t` of Moneybird-Signature")
    signatures = [_from_hex(value) for name, value in parts if name == "v1"]
    _match_hmac("sha256", request, signatures, f"{signed_at}.".encode() + request.body)
    return VerifiedWebhook(request.header("idempotency-key"), [read_json(request.body)])


def _fakturownia(request: _Request) -> VerifiedWebhook:
    """Unsigned: the sender is known by the ``api_token`` in the body. Nothing covers the rest of it."""
    event = read_json(request.body)
    token = str(event.get("api_token", "")).encode() if isinstance(event, dict) else b""
    # All of them are compared, so that the time tells nothing.
    if not any([hmac.compare_digest(token, secret.encode()) for secret in request.secrets]):
        raise _no_match()
    return VerifiedWebhook(request.header("idempotency-key"), [event])


def _match_hmac(hash_name: str, request: _Request, signatures: Sequence[bytes | None], signed: bytes) -> None:
    for secret in request.secrets:
        expected = hmac.new(secret.encode(), signed, getattr(hashlib, hash_name)).digest()
        if any(signature is not None and hmac.compare_digest(signature, expected) for signature in signatures):
            return
    raise _no_match()


def _no_match() -> SignatureError:
    return SignatureError("no_match", "no signature of the webhook matches: is it the right signing secret?")


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _from_hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


_READERS: Mapping[str, Callable[[_Request], VerifiedWebhook]] = {
    "standard": _standard,
    "cloudevents": _cloudevents,
    "tripletex": _tripletex,
    "visma-business-nxt": _visma_business_nxt,
    "moneybird": _moneybird,
    "fakturownia": _fakturownia,
}
