"""The decorator: arguments become fields, and secrets do not."""

import asyncio
import logging
import unittest

from distlog import trace

from support import logged

log = logging.getLogger("tests.trace")


class Decorator(unittest.TestCase):
    def test_arguments_become_fields_and_secrets_do_not(self):
        @trace("charge {amount} of {order}", redact=("card",), result=True)
        def charge(order, card, amount=3, *more, password=None, **options):
            return {"ok": order}

        with logged() as out:
            self.assertEqual(charge(17, "no 4242", 5, "x", password="hunter2", api_token="t", fast=True), {"ok": 17})
        start, end = out.records
        self.assertEqual(start["message"], "charge 5 of 17")
        self.assertEqual(start["name"], __name__)
        context = {k: v for k, v in start["context"].items() if k != "key"}
        self.assertEqual(
            context,
            {"order": 17, "card": "[redacted]", "amount": 5, "more": "('x',)", "password": "[redacted]",
             "api_token": "[redacted]", "fast": True},
        )
        self.assertEqual(end["context"]["result"], "{'ok': 17}")
        self.assertNotIn(b"no 4242", b"".join(out.lines))
        self.assertNotIn(b"hunter2", b"".join(out.lines))

    def test_a_value_is_told_as_it_was(self):
        @trace
        def grow(items):
            items.append("later")
            log.info("grown")

        with logged() as out:
            grow(["now"])
        self.assertEqual([r["context"]["items"] for r in out.records], ["['now']"] * 3)

    def test_coroutines_and_methods(self):
        class Shop:
            @trace(capture=("order",))
            async def place(self, order, other):
                raise ValueError("closed")

        with logged() as out, self.assertRaises(ValueError):
            asyncio.run(Shop().place(1, 2))
        start, end = out.records
        self.assertTrue(start["message"].endswith("Shop.place"))
        self.assertEqual(start["context"]["order"], 1)
        self.assertNotIn("other", start["context"])
        self.assertEqual(end["dl"]["status"], "failed")

    def test_a_wrong_call_fails_as_it_would_without(self):
        @trace
        def one(a):
            return a

        with logged(), self.assertRaises(TypeError):
            one(1, 2, 3)


if __name__ == "__main__":
    unittest.main()
