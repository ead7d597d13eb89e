from __future__ import annotations

import unittest

from tidings_client.backoff import retry_after_seconds, retry_delay
from tidings_client.errors import RefusedError, UnreachableError

NOW = 1_767_225_600.0  # 2026-01-01


class RetryAfter(unittest.TestCase):
    def test_seconds_and_dates_are_kept_within_a_day(self) -> None:
        cases = {
            "7": 7,
            "0": 1,
            "99999999999": 86_400,
            "Thu, 01 Jan 2026 00:01:00 GMT": 60,
            "Thu, 01 Jan 1970 00:00:00 GMT": 1,
            "-5": None,
            "": None,
            "soon": None,
            "٣": None,
        }
        for value, expected in cases.items():
            with self.subTest(value):
                self.assertEqual(retry_after_seconds(value, NOW), expected)
        self.assertIsNone(retry_after_seconds(None, NOW))

    def test_the_server_is_heeded_and_without_it_delays_grow(self) -> None:
        self.assertEqual(retry_delay(RefusedError(503, "overloaded", "", (), 7), 9), 7)
        gone = UnreachableError("unreachable", "")
        for failures, longest in ((1, 0.5), (2, 1.0), (7, 30.0), (5_000, 30.0)):
            delay = retry_delay(gone, failures)
            self.assertTrue(longest / 2 <= delay <= longest, delay)
