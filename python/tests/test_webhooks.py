from __future__ import annotations

import base64
import hashlib
import hmac
import unittest
from dataclasses import dataclass
from typing import Any

from tidings_client import SignatureError, TidingsError, WebhookDialect, verify_webhook

NOW = 1_769_860_800
KEY = bytes([7]) * 32
WHSEC = "whsec_" + base64.b64encode(KEY).decode()

STANDARD = '{"type":"invoice.updated","tenantId":1,"id":"e1","data":{"n":12345678901234567.89}}'
CLOUD = '{"specversion":"1.0","id":"e1","source":"/tenants/1","type":"invoice.updated","data":{"entityId":"7"}}'
TRIPLETEX = '{"subscriptionId":17,"event":"product.update","id":20250206211528366,"value":{"id":3817}}'
VISMA = '{"tableIdentifier":"OrderLine","event":"INSERT","primaryKeys":[{"OrderNo":20250206211528366}]}'
MONEYBIRD = '{"administration_id":"1","action":"sales_invoice_state_changed_to_late","entity":null}'
FAKTUROWNIA = '{"client":{"id":111},"app_name":"fakturownia","api_token":"łódź","locale":"pl"}'


def standard(body: str, at: int = NOW) -> dict[str, str]:
    signed = f"dlv_1.{at}.{body}".encode()
    signature = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    return {"Webhook-Id": "dlv_1", "webhook-timestamp": str(at), "webhook-signature": f"v1,AAAA v2,x v1,{signature}"}


def base64_of(hash_name: str, secret: str, text: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hash_name).digest()).decode()


def moneybird(at: int) -> dict[str, str]:
    signature = hmac.new(b"geheim", f"{at}.{MONEYBIRD}".encode(), "sha256").hexdigest()
    return {"Idempotency-Key": "dlv_1", "Moneybird-Signature": f"t={at},v1={'ab' * 32},v1={signature}"}


@dataclass(frozen=True)
class Case:
    dialect: WebhookDialect
    secrets: str | list[str]
    headers: dict[str, str]
    body: str
    read: str
    value: Any


CASES = {
    "standard": Case("standard", WHSEC, standard(STANDARD), STANDARD, "tenantId", 1),
    "cloudevents": Case(
        "cloudevents",
        WHSEC,
        {**standard(CLOUD), "content-type": "application/cloudevents+json"},
        CLOUD,
        "source",
        "/tenants/1",
    ),
    "cloudevents, binary": Case(
        "cloudevents",
        WHSEC,
        {**standard('{"entityId":"7"}'), "content-type": "application/json", "ce-subject": "Euro%20%E2%82%AC"},
        '{"entityId":"7"}',
        "subject",
        "Euro €",
    ),
    "tripletex": Case(
        "tripletex",
        "hemmelig",
        {"idempotency-key": "dlv_1", "x-request-signature": base64_of("sha512", "hemmelig", f"dlv_1&{TRIPLETEX}")},
        TRIPLETEX,
        "id",
        20250206211528366,
    ),
    "visma-business-nxt": Case(
        "visma-business-nxt",
        ["the former key", "nøkkel"],
        {"x-vwd-notification-id": "dlv_1", "x-vwd-signature-v1": base64_of("sha256", "nøkkel", VISMA)},
        VISMA,
        "primaryKeys",
        [{"OrderNo": 20250206211528366}],
    ),
    "moneybird": Case("moneybird", "geheim", moneybird(NOW), MONEYBIRD, "administration_id", "1"),
    "fakturownia": Case("fakturownia", "łódź", {"idempotency-key": "dlv_1"}, FAKTUROWNIA, "client", {"id": 111}),
}


def fault(case: Case, **changes: Any) -> str:
    options: dict[str, Any] = {
        "dialect": case.dialect,
        "headers": case.headers,
        "body": case.body,
        "secrets": case.secrets,
        "now": NOW,
        **changes,
    }
    try:
        verify_webhook(**options)
    except SignatureError as error:
        return error.code
    return "believed"


class Webhooks(unittest.TestCase):
    def test_what_is_genuine_is_read(self) -> None:
        for name, case in CASES.items():
            with self.subTest(name):
                verified = verify_webhook(
                    dialect=case.dialect, headers=case.headers, body=case.body.encode(), secrets=case.secrets, now=NOW
                )
                self.assertEqual(verified.delivery_id, "dlv_1")
                (event,) = verified.events
                self.assertEqual(event[case.read], case.value)

    def test_what_is_altered_of_another_sender_or_without_its_headers_is_refused(self) -> None:
        for name, case in CASES.items():
            with self.subTest(name):
                if case.dialect == "fakturownia":
                    self.assertEqual(fault(case, body=case.body.replace("ł", "l")), "no_match")
                else:
                    self.assertEqual(fault(case, body=case.body + " "), "no_match")
                other = "whsec_" + base64.b64encode(bytes(32)).decode() if case.secrets == WHSEC else "another"
                self.assertEqual(fault(case, secrets=other), "no_match")
                for header in case.headers:
                    if header.lower().startswith(("ce-", "content-")):
                        continue
                    rest = {key: value for key, value in case.headers.items() if key != header}
                    self.assertEqual(fault(case, headers=rest), "missing_header", header)

    def test_time_is_checked_where_it_is_signed(self) -> None:
        for name, at in (("standard", standard), ("moneybird", lambda _, at: moneybird(at))):
            case = CASES[name]
            for age, expected in ((300, "believed"), (301, "too_old"), (-300, "believed"), (-301, "too_new")):
                with self.subTest(name, age=age):
                    self.assertEqual(fault(case, headers=at(case.body, NOW - age)), expected)
        wrong = {**CASES["standard"].headers, "webhook-timestamp": "1e9"}
        self.assertEqual(fault(CASES["standard"], headers=wrong), "invalid_timestamp")
        other_digits = {**CASES["standard"].headers, "webhook-timestamp": "١٧٦٩٨٦٠٨٠٠"}
        self.assertEqual(fault(CASES["standard"], headers=other_digits), "invalid_timestamp")

    def test_secrets_that_are_none_are_refused(self) -> None:
        for secrets in ([], [""], ["", WHSEC], "whsec_*", "whsk_" + WHSEC[6:]):
            with self.subTest(secrets):
                self.assertEqual(fault(CASES["standard"], secrets=secrets), "invalid_key")

    def test_a_batch_has_several_events(self) -> None:
        body = f"[{STANDARD}, {STANDARD}]"
        verified = verify_webhook(headers=standard(body), body=body, secrets=WHSEC, now=NOW)
        self.assertEqual([event["id"] for event in verified.events], ["e1", "e1"])
        self.assertEqual(str(verified.events[0]["data"]["n"]), "12345678901234567.89")


class Ed25519(unittest.TestCase):
    #: RFC 8032, section 7.1, TEST 3 is over other bytes: this pair signed `dlv_1.<NOW>.{}` once, with another library.
    def test_it_is_verified_where_cryptography_is_there_and_asked_for_where_it_is_not(self) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        except ImportError:
            whpk = "whpk_" + base64.b64encode(bytes(32)).decode()
            with self.assertRaisesRegex(TidingsError, "pip install"):
                verify_webhook(headers=standard("{}"), body="{}", secrets=whpk, now=NOW)
            return
        key = Ed25519PrivateKey.from_private_bytes(KEY)
        signature = base64.b64encode(key.sign(f"dlv_1.{NOW}.{{}}".encode())).decode()
        headers = {**standard("{}"), "webhook-signature": f"v1a,{signature}"}
        whpk = "whpk_" + base64.b64encode(key.public_key().public_bytes_raw()).decode()
        self.assertEqual(verify_webhook(headers=headers, body="{}", secrets=whpk, now=NOW).events, [{}])
        with self.assertRaises(SignatureError):
            verify_webhook(headers=headers, body="{} ", secrets=whpk, now=NOW)
