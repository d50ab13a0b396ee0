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

    def test_above_and_below_staticmethod_and_classmethod(self):
        class Shop:
            @trace
            @staticmethod
            def above_static(order):
                return order

            @staticmethod
            @trace
            def below_static(order):
                return order

            @trace
            @classmethod
            def above_class(cls, order):
                return cls, order

            @trace("bring {order}")
            @classmethod
            def with_a_goal(cls, order):
                return cls, order

            @trace
            @staticmethod
            async def coroutine(order):
                await asyncio.sleep(0)
                log.info("inside")

        with logged() as out:
            for shop in (Shop, Shop()):
                self.assertEqual((shop.above_static(1), shop.below_static(2)), (1, 2))
                self.assertEqual((shop.above_class(3), shop.with_a_goal(4)), ((Shop, 3), (Shop, 4)))
                asyncio.run(shop.coroutine(5))
        orders = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5]
        self.assertEqual([record["context"]["order"] for record in out.records], orders * 2)
        self.assertEqual(out.records[6]["message"], "bring 4")
        self.assertEqual([record["message"] for record in out.records[8:11]][1], "inside")

    def test_what_cannot_be_called_is_told_where_it_is_decorated(self):
        for odd in (7, property(len)):
            with self.assertRaises(TypeError):
                trace(odd)
            with self.assertRaises(TypeError):
                trace("goal")(odd)

    def test_a_wrong_call_fails_as_it_would_without(self):
        @trace
        def one(a):
            return a

        with logged(), self.assertRaises(TypeError):
            one(1, 2, 3)


if __name__ == "__main__":
    unittest.main()
