"""Conditional output: details come out when something went wrong, and only those of what went wrong."""

import asyncio
import concurrent.futures
import datetime
import io
import logging
import time
import unittest

from distlog import preserve_context, task, to
from distlog.conditional import ConditionalHandler, flush_scope

from support import Records, logged, shape

log = logging.getLogger("tests.conditional")


def conditional(**options):
    return ConditionalHandler(Records(), **options)


def told(handler):
    return [r["message"] for r in handler.target.records]


class Fail(Exception):
    pass


class Conditions(unittest.TestCase):
    def test_what_goes_well_stays_short(self):
        handler = conditional()
        with logged(handler=handler):
            with task("fine"):
                log.debug("detail")
                log.info("news")
            log.debug("outside")
        self.assertEqual(told(handler), ["fine", "news", "fine"])
        self.assertEqual(handler.kept, 0)

    def test_basic_config_gives_a_formatter_only_to_a_target_that_has_none(self):
        for target in [Records(), logging.StreamHandler(io.StringIO())]:
            before = target.formatter
            handler = ConditionalHandler(target)
            with logged(handler=handler):
                logging.getLogger().handlers.clear()
                logging.basicConfig(level=logging.DEBUG, handlers=[handler], format="said: %(message)s")
                log.info("news")
            if before is None:
                self.assertEqual(target.stream.getvalue(), "said: news\n")
            else:
                self.assertIs(target.formatter, before)

    def test_an_error_brings_the_details_out_in_their_order(self):
        handler = conditional()
        with logged(handler=handler):
            with task("goes wrong"):
                log.debug("one")
                log.info("news")
                log.debug("two")
                log.error("bad")
                log.debug("three")
        self.assertEqual(told(handler), ["goes wrong", "news", "one", "two", "bad", "three", "goes wrong"])
        buffered = [r["message"] for r in handler.target.records if (r.get("dl") or {}).get("buffered")]
        self.assertEqual(buffered, ["one", "two"])
        records = {r["message"]: r for r in handler.target.records}
        self.assertLess(records["one"]["created"], records["news"]["created"])
        keys = [r["context"]["key"].partition("@")[0] for r in sorted(handler.target.records, key=lambda r: r["created"])]
        self.assertEqual(keys, list("0123456"))

    def test_an_exception_does(self):
        handler = conditional()
        with logged(handler=handler), self.assertRaises(Fail):
            with task("outer"):
                log.debug("around")
                with to("inner"):
                    log.debug("inside")
                    raise Fail()
        self.assertEqual(
            told(handler), ["outer", "inner", "around", "inside", "FAILED inner: Fail: ", "FAILED outer: Fail: "]
        )

    def test_a_slow_scope_does(self):
        handler = conditional()
        with logged(handler=handler):
            with task("slow").warn_after(0.0):
                log.debug("detail")
            with task("fast").warn_after(60):
                log.debug("not told")
        self.assertEqual(told(handler), ["slow", "detail", "slow", "fast", "fast"])

    def test_a_call_does(self):
        handler = conditional()
        with logged(handler=handler):
            with task("x"):
                log.debug("detail")
                flush_scope()
                log.debug("more")
        self.assertEqual(told(handler), ["x", "detail", "more", "x"])

    def test_one_tree_in_n(self):
        handler = conditional(sample=3, propagation="up")
        with logged(handler=handler):
            for number in range(6):
                with task("%d", number), to("inner"):
                    log.debug("detail %d", number)
        details = [text for text in told(handler) if text.startswith("detail")]
        self.assertEqual(details, ["detail 0", "detail 3"])


class Propagation(unittest.TestCase):
    def run_with(self, propagation, where):
        handler = conditional(propagation=propagation)

        def here(place):
            log.debug("detail of %s", place)
            if place == where:
                log.error("bad")

        with logged(handler=handler), task("outer"):
            log.debug("detail of outer")
            with to("middle"):
                log.debug("detail of middle")
                with to("inner"):
                    here("inner")
                if where == "middle":
                    log.error("bad")
                with to("later"):
                    log.debug("detail of later")
            with to("beside"):
                log.debug("detail of beside")
        return [text.rpartition(" ")[2] for text in told(handler) if text.startswith("detail")]

    def test_up(self):
        self.assertEqual(self.run_with("up", "middle"), ["outer", "middle"])
        self.assertEqual(self.run_with("up", "inner"), ["outer", "middle", "inner"])

    def test_down(self):
        self.assertEqual(self.run_with("down", "middle"), ["middle", "inner", "later"])
        self.assertEqual(self.run_with("down", "inner"), ["inner"])

    def test_both(self):
        self.assertEqual(self.run_with("both", "middle"), ["outer", "middle", "inner", "later", "beside"])


class Apart(unittest.TestCase):
    def test_requests_at_the_same_time_do_not_mix(self):
        handler = conditional()

        def serve(number):
            try:
                with task("request %d", number):
                    for step in range(5):
                        log.debug("request %d step %d", number, step)
                        time.sleep(0.001)
                    if number % 5 == 0:
                        raise Fail()
            except Fail:
                pass

        async def serve_async(number):
            try:
                with task("request %d", number):
                    for step in range(5):
                        log.debug("request %d step %d", number, step)
                        await asyncio.sleep(0)
                    if number % 5 == 0:
                        raise Fail()
            except Fail:
                pass

        async def all_of():
            await asyncio.gather(*(serve_async(number) for number in range(40, 80)))

        with logged(handler=handler):
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                list(pool.map(serve, range(40)))
            asyncio.run(all_of())
        details = [text for text in told(handler) if "step" in text]
        self.assertEqual(
            sorted(details), sorted(f"request {n} step {s}" for n in range(0, 80, 5) for s in range(5))
        )
        self.assertEqual(handler.kept, 0)

    def test_a_pool_works_for_the_scope(self):
        handler = conditional()
        with logged(handler=handler), concurrent.futures.ThreadPoolExecutor(2) as pool:
            with task("x"):
                list(pool.map(preserve_context(lambda n: log.debug("thread %d", n)), range(3)))
                log.error("bad")
        self.assertEqual(sorted(told(handler)), sorted(["x", "thread 0", "thread 1", "thread 2", "bad", "x"]))


class Bounds(unittest.TestCase):
    def test_a_ring_is_bounded_and_says_what_it_lost(self):
        handler = conditional(capacity=3)
        with logged(handler=handler), task("x"):
            for number in range(10):
                log.debug("detail %d", number)
            self.assertEqual(handler.kept, 3)
            log.error("bad")
        self.assertEqual(told(handler), ["x", "detail 7", "detail 8", "detail 9", "bad", "x"])
        self.assertEqual(handler.target.records[1]["dl"], {"buffered": True, "evicted": 7})
        self.assertEqual(handler.target.records[2]["dl"], {"buffered": True})

    def test_the_sum_is_bounded(self):
        handler = conditional(total=10)
        with logged(handler=handler), task("outer"):
            log.debug("oldest")
            with to("a"):
                for number in range(20):
                    log.debug("detail %d", number)
                self.assertEqual(handler.kept, 10)
                log.error("bad")
        records = handler.target.records
        self.assertEqual(sum((r.get("dl") or {}).get("evicted", 0) for r in records), 11)
        self.assertEqual(handler.kept, 0)

    def test_rings_go_with_their_scopes(self):
        handler = conditional()
        with logged(handler=handler):
            for _ in range(100):
                with task("x"), to("y"):
                    log.debug("detail")
        self.assertEqual((handler.kept, len(handler._rings), len(handler._order)), (0, 0, 0))

    def test_a_value_is_told_as_it_was(self):
        handler = conditional()
        items = ["now"]
        with logged(handler=handler), task("x"):
            log.debug("has %s", items, extra={"items": items})
            items.append("later")
            log.error("bad")
        (record,) = [r for r in handler.target.records if r["message"].startswith("has")]
        self.assertEqual((record["message"], record["items"]), ("has ['now']", ["now"]))

    def test_a_kept_record_is_what_it_would_be_at_once(self):
        when = datetime.datetime(2026, 11, 29, 19, 0, tzinfo=datetime.timezone.utc)

        class Brace:
            def __str__(self):
                return "brace 5"

        def say(level):
            log.log(level, "n %d of %s", 1, "x", extra={"when": when, "tags": {"a": [1, None]}, "raw": b"x", "n": 1.5})
            log.log(level, "with %s", when)
            log.log(level, Brace())
            log.log(level, "%d", "no number")

        handler = conditional()
        with logged(handler=handler), task("x", when=when, tags={"a": 1}) as scope:
            say(logging.DEBUG)
            self.assertEqual(handler.kept, 4)
            flush_scope()
            kept = handler.target.records[1:]
            say(logging.INFO)
            at_once = handler.target.records[5:]
        for one, other in zip(kept, at_once):
            for name in ("message", "context", "when", "tags", "raw", "n"):
                if name != "context":
                    self.assertEqual(one.get(name), other.get(name))
                else:
                    self.assertEqual({**one["context"], "key": ""}, {**other["context"], "key": ""})
        # Arguments that cannot change are kept, and with them the template.
        self.assertEqual((kept[0]["msg"], kept[0]["args"]), ("n %d of %s", [1, "x"]))
        self.assertEqual([record["message"] for record in kept[:3]], ["n 1 of x", f"with {when}", "brace 5"])
        self.assertIn("TypeError", kept[3]["dl"]["format_error"])

    def test_a_long_value_is_shortened(self):
        handler = conditional()
        with logged(handler=handler), task("x"):
            log.debug("long", extra={"items": list(range(10_000)), "text": "x" * 10_000})
            log.error("bad")
        (record,) = [r for r in handler.target.records if r["message"] == "long"]
        self.assertTrue(record["items"].startswith("[0, 1, 2"))
        self.assertLess(max(len(record["items"]), len(record["text"])), 600)

    def test_wrong_usage(self):
        for options in ({"propagation": "sideways"}, {"capacity": 0}, {"total": 0}, {"sample": -1}):
            with self.assertRaises(ValueError):
                conditional(**options)

    def test_shape_of_the_tree_survives(self):
        handler = conditional(level=logging.WARNING)
        with logged(handler=handler), task("x"):
            with to("y"):
                log.info("detail")
        self.assertEqual(
            shape(handler.target.records),
            [("0@", "start", None, "x"), ("0@1", "start", None, "y"), ("2@1", "end", "succeeded", "y"),
             ("1@", "end", "succeeded", "x")],
        )


if __name__ == "__main__":
    unittest.main()
