"""Starts and ends of scopes that are written without a record."""

import json
import logging
import threading
import unittest
import unittest.mock

from distlog import JSONFormatter, NdjsonHandler, import_task, shipping, task, to

from support import Records, logged, parse


class Bounds(unittest.TestCase):
    """Starts and ends that a shipping handler writes without a record are those that it would write with one."""

    TIMES = ("created", "msecs", "relativeCreated", "asctime")

    def told(self, work, usual):
        handler = NdjsonHandler("tcp://127.0.0.1:9", flush_timeout=0, ids=False)
        handler._start = lambda: None
        handler.setFormatter(JSONFormatter(service="x"))
        self.assertTrue(handler.takes_bounds)
        handler.takes_bounds = usual
        records = 0
        make = logging.Logger.makeRecord

        def counted(*args, **kwargs):
            nonlocal records
            records += 1
            return make(*args, **kwargs)

        with logged(handler=handler), unittest.mock.patch.object(logging.Logger, "makeRecord", counted):
            work()
        handler._take()
        lines = list(handler._backlog.waiting)
        handler._backlog.waiting.clear()
        handler.close()
        return [parse(line) for line in lines], records

    def same(self, work, by_record=0):
        (fast, made), (slow, _) = self.told(work, True), self.told(work, False)
        self.assertEqual(made, by_record)
        self.assertEqual(len(fast), len(slow))
        for one, other in zip(fast, slow):
            self.assertEqual(list(one), list(other))
            for record in (one, other):
                for name in self.TIMES:
                    self.assertIs(type(record.pop(name)), str if name == "asctime" else float)
                record["dl"].pop("duration", None)
            self.assertEqual(json.dumps(one), json.dumps(other))

    def test_they_are_the_same(self):
        tree = "00000000-0000-4000-8000-000000000000"

        def work():
            with import_task(tree, "plain") as scope:
                scope.bind(more=[1, {2: 3}], nan=float("nan"), text="ü\n\udce9")
                scope.success("went %s", "well")
            with import_task(tree, "100%", a=1, b="x", c=None):
                pass
            with import_task(tree, "%d of %s", 3, {"a": (1, 2)}).warn_after(0.0):
                pass
            with import_task(tree, "wrong %d", "arguments") as scope:
                scope.fail("failed with 5%")
            with import_task(tree, "odd \udce9 %s", b"x", odd=b"\xff"):
                pass
            with import_task(tree, "off").at(logging.DEBUG):
                pass

        self.same(work)

    def test_failures_and_marks_go_the_usual_way(self):
        tree = "00000000-0000-4000-8000-000000000000"

        def work():
            try:
                with import_task(tree, "fails").mark(zone="a"):
                    raise ValueError("x")
            except ValueError:
                pass

        self.same(work, by_record=2)
        self.assertEqual(self.told(work, True)[0][1]["args"], ["ValueError", "x"])

    def test_whoever_wants_a_record_gets_one(self):
        def work():
            with task("x"):
                pass

        logger = logging.getLogger(__name__)
        logger.addFilter(lambda record: True)
        try:
            self.assertEqual(self.told(work, True)[1], 2)
        finally:
            logger.filters.clear()
        seen = Records()
        logger.addHandler(seen)
        try:
            self.assertEqual(self.told(work, True)[1], 2)
        finally:
            logger.removeHandler(seen)
        self.assertEqual(len(seen.lines), 2)
        self.assertEqual(self.told(work, True)[1], 0)

    def test_who_replaces_what_calls_handlers_sees_records(self):
        seen = []
        usual = logging.Logger.callHandlers

        def watched(logger, record):
            seen.append(record.getMessage())
            usual(logger, record)

        def work():
            with task("x"):
                pass

        with unittest.mock.patch.object(logging.Logger, "callHandlers", watched):
            self.told(work, True)
        self.assertEqual(seen, ["x", "x"])

    def test_what_was_true_at_the_time_of_the_call(self):
        items = [1]

        def work():
            thread = threading.current_thread()
            usual = thread.name
            try:
                with task("x", items=items) as scope:
                    thread.name = "renamed"
                    items.append(2)
                    scope.data["more"] = "not a field"
                    with to("y", number=1) as inner:
                        inner.bind(number=2)
                        scope.bind(bound=True)
            finally:
                thread.name = usual

        records, made = self.told(work, True)
        self.assertEqual(made, 0)
        fields = [{k: v for k, v in record["context"].items() if k != "key"} for record in records]
        self.assertEqual(fields, [{"items": [1]}, {"number": 1}, {"number": 2}, {"items": [1, 2], "bound": True}])
        self.assertEqual([record["threadName"] for record in records], ["MainThread"] + ["renamed"] * 3)

    def test_what_logging_is_told_to_leave_out(self):
        def work():
            with import_task("00000000-0000-4000-8000-000000000000", "x"):
                pass

        for name in ("logThreads", "logProcesses", "logMultiprocessing"):
            with self.subTest(name=name), unittest.mock.patch.object(logging, name, False):
                self.same(work)

    def test_with_many_that_wait_the_caller_does_the_work(self):
        handler = NdjsonHandler("tcp://127.0.0.1:9", flush_timeout=0, ids=False)
        handler._start = lambda: None
        with logged(handler=handler):
            for _ in range(shipping.MOST_LATER):
                with task("x"):
                    pass
        kinds = [type(waiting) for waiting in handler._queue]
        self.assertEqual(kinds, [tuple] * shipping.MOST_LATER + [bytes] * shipping.MOST_LATER)
        handler._queue.clear()
        handler.close()

    def test_a_line_is_found_as_the_frame_tells_it(self):
        def work():
            with task("x"):
                for _ in range(2):
                    with to(
                        "over several lines",
                    ) as inner:
                        inner.success("well")

        self.same_lines(work)

    def same_lines(self, work):
        (fast, _), (slow, _) = self.told(work, True), self.told(work, False)
        self.assertEqual([record["lineno"] for record in fast], [record["lineno"] for record in slow])


if __name__ == "__main__":
    unittest.main()
