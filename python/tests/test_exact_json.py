from __future__ import annotations

import json
import unittest
from decimal import Decimal

from tidings_client import RawJson, read_json, write_json


class ExactJson(unittest.TestCase):
    def test_every_digit_and_the_order_of_keys_survive(self) -> None:
        text = '{"z":12345678901234567.89,"a":20250206211528366,"rate":1.10,"name":"Þórðr 株式会社","list":[null,true]}'
        self.assertEqual(write_json(read_json(text)), text)

    def test_text_goes_out_as_it_is(self) -> None:
        self.assertEqual(write_json({"n": RawJson("1.0e5")}), '{"n":1.0e5}')
        with self.assertRaises(ValueError):
            RawJson("1,")

    def test_decimals_are_written_without_an_exponent(self) -> None:
        self.assertEqual(write_json(Decimal("1E+3")), "1000")

    def test_what_is_no_json_is_refused(self) -> None:
        for value in (float("nan"), Decimal("Infinity")):
            with self.assertRaises(ValueError):
                write_json(value)
        for other in (object(), {1: 2}):
            with self.assertRaises(TypeError):
                write_json(other)

    def test_it_writes_what_json_reads(self) -> None:
        value = {'quote"': 'line\n\u2028 "', "nested": [{"deep": [1, -2.5, False]}], "empty": {}}
        self.assertEqual(json.loads(write_json(value)), value)
