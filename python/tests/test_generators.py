"""Scopes of generators do not leak into who consumes them."""

import asyncio
import logging
import unittest

from distlog import current_scope, task, to, trace

from support import logged, shape

log = logging.getLogger("tests.generators")


class Generators(unittest.TestCase):
    def test_scopes_left_out_of_order(self):
        def numbers():
            with to("generate"):
                yield 1
                yield 2

        with logged():
            with task("consume"):
                generator = numbers()
                next(generator)
            # The consumer's scope has ended before the generator's.
            self.assertIsNone(current_scope())
            generator.close()
            self.assertIsNone(current_scope())
            with task("next") as scope:
                self.assertNotIn("/", scope.id)

    def test_traced_generators_do_not_leak_into_the_consumer(self):
        @trace("count to {most}")
        def count(most):
            for number in range(most):
                log.info("made %d", number)
                got = yield number
                if got:
                    log.info("got %s", got)
            return "all"

        with logged() as out:
            with task("consume") as outer:
                generator = count(2)
                self.assertEqual(next(generator), 0)
                self.assertIs(current_scope(), outer)
                self.assertEqual(generator.send("a gift"), 1)
                with self.assertRaises(StopIteration) as stop:
                    next(generator)
                self.assertEqual(stop.exception.value, "all")
        self.assertEqual(
            shape(out.records),
            [
                ("0@", "start", None, "consume"),
                ("0@1", "start", None, "count to 2"),
                ("1@1", None, None, "made 0"),
                ("2@1", None, None, "got a gift"),
                ("3@1", None, None, "made 1"),
                ("4@1", "end", "succeeded", "count to 2"),
                ("1@", "end", "succeeded", "consume"),
            ],
        )

    def test_traced_async_generators(self):
        @trace
        async def count(most):
            for number in range(most):
                await asyncio.sleep(0)
                log.info("made %d", number)
                yield number

        async def main():
            with task("consume") as outer:
                async for number in count(2):
                    self.assertIs(current_scope(), outer)
                    log.info("took %d", number)
                early = count(5)
                await early.__anext__()
                await early.aclose()
                self.assertIs(current_scope(), outer)

        with logged() as out:
            asyncio.run(main())
        keys = [(key, event, status) for key, event, status, _ in shape(out.records)]
        self.assertEqual(
            keys,
            [("0@", "start", None), ("0@1", "start", None), ("1@1", None, None), ("1@", None, None),
             ("2@1", None, None), ("2@", None, None), ("3@1", "end", "succeeded"), ("0@2", "start", None),
             ("1@2", None, None), ("2@2", "end", "succeeded"), ("3@", "end", "succeeded")],
        )

    def test_a_traced_async_generator_goes_on_in_the_scope_that_it_was_in(self):
        @trace
        async def pages():
            with to("session"):
                try:
                    for number in range(2):
                        with to("page"):
                            yield number
                            log.info("asking on")
                finally:
                    log.info("cleaning up")

        async def main():
            with task("read all") as outer:
                async for _ in pages():
                    self.assertIs(current_scope(), outer)
            with task("leave early") as outer:
                generator = pages()
                await generator.__anext__()
                await generator.aclose()
                self.assertIs(current_scope(), outer)
            with task("go on elsewhere") as outer:
                generator = pages()
                await generator.__anext__()
                await asyncio.create_task(generator.__anext__())
                self.assertIs(current_scope(), outer)
                await generator.aclose()

        with logged() as out:
            asyncio.run(main())
        found = [(key.partition("@")[2], text) for key, event, _, text in shape(out.records) if event is None]
        self.assertEqual(
            found,
            [("1/1/1", "asking on"), ("1/1/2", "asking on"), ("1/1", "cleaning up"), ("1/1", "cleaning up"),
             ("1/1/1", "asking on"), ("1/1", "cleaning up")],
        )


if __name__ == "__main__":
    unittest.main()
