"""Records: valid JSON whatever the values are, nothing dropped, exceptions whole."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import json
import logging
import math
import pathlib
import pickle
import random
import subprocess
import sys
import threading
import unittest
import unittest.mock
import uuid

from distlog import JSONFormatter, NdjsonHandler, PickleFormatter, import_task, shipping, task, to
from distlog.plain import capped_repr, plain
from distlog.record import describe_exception

from support import Records, logged, parse, program

log = logging.getLogger("tests.record")


@dataclasses.dataclass
class Point:
    x: int
    y: object


class Colour(enum.Enum):
    RED = "red"


class Number(enum.IntEnum):
    TWO = 2


class Liar:
    """Fails whatever it is asked."""

    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __repr__


class LyingDict(dict):
    def items(self):
        raise RuntimeError("no items")


def cycle():
    made = {"list": []}
    made["list"].append(made)
    return made


def deep(levels):
    made = "bottom"
    for _ in range(levels):
        made = [made]
    return made


Pair = collections.namedtuple("Pair", "a b")

FORMS = [
    (float("nan"), "NaN"),
    (float("inf"), "Infinity"),
    (-float("inf"), "-Infinity"),
    ([1, float("nan")], [1, "NaN"]),
    (-0.0, -0.0),
    (1e300, 1e300),
    (True, True),
    (None, None),
    (2**64, 2**64),
    (-(2**70), -(2**70)),
    (16**4000, "0x1" + "0" * 4000),
    ("naïve 🙂 \u2028 \x00 \x7f", "naïve 🙂 \u2028 \x00 \x7f"),
    ("a\udce9b", "a\\udce9b"),
    ({"\udce9": 1}, {"\\udce9": 1}),
    (b"\xff\x00", {"$bytes": "/wA="}),
    (bytearray(b"ab"), {"$bytes": "YWI="}),
    (datetime.datetime(2026, 11, 20, 12, 25, 40, 123, datetime.timezone.utc), "2026-11-20T12:25:40.000123+00:00"),
    (datetime.date(2026, 11, 20), "2026-11-20"),
    (datetime.timedelta(seconds=90.5), 90.5),
    (decimal.Decimal("1.10"), "1.10"),
    (decimal.Decimal("NaN"), "NaN"),
    (fractions.Fraction(1, 3), "1/3"),
    (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    (ipaddress.ip_address("::1"), "::1"),
    (pathlib.PurePosixPath("/a/b"), "/a/b"),
    ({1}, [1]),
    (frozenset(["x"]), ["x"]),
    (collections.deque([1, 2]), [1, 2]),
    (Pair(1, 2), [1, 2]),
    ({1: 2, None: 3, True: 4, (1, 2): 5, 1.5: 6}, {"1": 4, "null": 3, "[1, 2]": 5, "1.5": 6}),
    ({"1": "text", 1: "number"}, {"1": "text", "1_": "number"}),
    (Point(1, {2}), {"x": 1, "y": [2]}),
    (Colour.RED, "red"),
    (Number.TWO, 2),
    (len, {"$global": "builtins.len"}),
    (ValueError, {"$global": "builtins.ValueError"}),
    (cycle(), {"list": [{"$cycle": True}]}),
    (Liar(), "<Liar: repr failed with RuntimeError>"),
    (complex(1, 2), "(1+2j)"),
]


class Odd(unittest.TestCase):
    def test_each_odd_value_has_a_form(self):
        for value, expect in FORMS:
            with self.subTest(value=capped_repr(value, 60)):
                self.same(plain(value), expect)
                with logged() as out:
                    log.info("x", extra={"odd": value})
                    with task("y", odd=value):
                        pass
                    log.info("%s", [value])
                self.assertEqual(len(out.lines), 4)
                self.same(out.records[0]["odd"], expect)
                self.same(out.records[1]["context"]["odd"], expect)
                self.same(out.records[3]["args"], [[expect]])

    def same(self, found, expect):
        # 1 and 1.0 and True are equal in Python, and not in JSON.
        self.assertEqual(json.dumps(found), json.dumps(expect))

    def test_depth_and_length_have_an_end(self):
        for levels in (60, 500, 5000, 100_000):
            with logged() as out:
                log.info("deep", extra={"odd": deep(levels)})
            self.assertEqual(len(out.records), 1)
        with logged() as out:
            log.info("long", extra={"odd": Long()})
        self.assertLess(len(out.records[0]["odd"]), 1100)

    def test_a_class_that_lies_is_no_reason_to_drop_a_record(self):
        with logged() as out:
            log.info("x", extra={"odd": LyingDict(a=1)})
            log.info(Liar())
            log.info("%s", Liar())
        self.assertEqual(len(out.records), 3)
        self.assertIn("RuntimeError: no repr", out.records[2]["dl"]["format_error"])

    def test_wrong_arguments_are_told(self):
        with logged() as out:
            log.info("%d of %s", "x")
            log.info("%(name)s", {"other": 1})
        self.assertIn("%d of %s", out.records[0]["message"])
        self.assertTrue(out.records[0]["dl"]["format_error"].startswith("TypeError: "))
        self.assertEqual(out.records[1]["dl"]["format_error"], "KeyError: 'name'")

    def test_names_that_stand_twice(self):
        with logged(handler=Records(JSONFormatter(service="shop", fields={"zone": "a"}))) as out:
            log.info("x", extra={"hostname": "mine", "service": "theirs", "zone": "b"})
            log.info("y")
        first, second = out.records
        self.assertEqual((first["hostname"], first["service"], first["zone"]), ("mine", "theirs", "b"))
        self.assertEqual((second["service"], second["zone"]), ("shop", "a"))

    def test_the_fast_way_and_the_slow_way_agree(self):
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        values = [value for value, _ in FORMS]
        formatter = JSONFormatter(service="x")
        for _ in range(1500):
            record = logging.LogRecord(
                chance.choice(["a.b", "ünï", "\udce9"]), chance.choice([10, 25, 40]), "/x/y\udcff.py", chance.randrange(9),
                chance.choice(["plain", "%s and %r", "100%", "\udce9\n", chance.choice(values)]),
                chance.choice([(), (chance.choice(values), 1), ({"a": 1},)]), None, chance.choice([None, "f"]),
                chance.choice([None, "stack\nof calls"]),
            )
            for name in chance.sample(["odd", "more", "taskName", "hostname", "dl"], chance.randrange(4)):
                record.__dict__[name] = chance.choice(values) if name != "dl" else {"event": chance.choice(values)}
            record.__dict__["context"] = chance.choice([None, {"key": "0@x", "odd": chance.choice(values)}])
            line = formatter.encode(record)
            slow = json.loads(json.dumps(plain(formatter.fields(record))))
            self.assertEqual(json.dumps(parse(line), sort_keys=True), json.dumps(slow, sort_keys=True), f"seed {seed}")
            self.assertNotIn(b"\n", line)


class Long:
    def __repr__(self):
        return "x" * 100_000


class Fields(unittest.TestCase):
    ORIGINAL = (
        "name msg args levelname levelno pathname filename module exc_info exc_text stack_info lineno funcName created"
        " msecs relativeCreated thread threadName processName process context message asctime hostname"
    ).split()

    def test_the_keys_of_the_original(self):
        with logged() as out:
            log.info("number %d\nof two lines", 7, extra={"req": "r-1"})
        (record,) = out.records
        names = [name for name in record if name != "taskName"]
        self.assertEqual(names[:21], self.ORIGINAL[:21])
        self.assertEqual(names[21:], ["req", "message", "asctime", "hostname"])
        self.assertEqual((record["msg"], record["args"]), ("number %d\nof two lines", [7]))
        self.assertEqual(record["message"], "number 7\nof two lines")
        self.assertRegex(record["asctime"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$")

    def test_a_formatted_time_is_that_of_the_standard_library(self):
        formatter, usual = JSONFormatter(), logging.Formatter()
        for created in (0.0, 1795177540.3932004, 1795177540.999, 1795177541.0, 951782399.5):
            record = logging.makeLogRecord({"created": created, "msecs": int(created % 1 * 1000) + 0.0, "msg": ""})
            self.assertEqual(parse(formatter.encode(record))["asctime"], usual.formatTime(record))

    def test_values_are_those_at_the_time_of_the_call(self):
        items = [1]
        with logged() as out:
            log.info("%s", items, extra={"items": items})
            items.append(2)
        self.assertEqual(out.records[0]["items"], [1])

    def test_dictConfig_arguments(self):
        made = JSONFormatter("%(message)s", "%H", style="%", service="x")
        record = logging.makeLogRecord({"msg": "m", "created": 0.0})
        self.assertRegex(parse(made.encode(record))["asctime"], r"^\d\d$")


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


class Exceptions(unittest.TestCase):
    def test_the_chain_of_causes(self):
        with logged() as out:
            try:
                try:
                    try:
                        {}["missing"]
                    except KeyError as error:
                        raise ValueError("bad") from error
                except ValueError:
                    raise RuntimeError("while handling\nthat")
            except RuntimeError:
                log.exception("caught")
        (record,) = out.records
        info = record["exc_info"]
        self.assertEqual((info["type"], info["message"]), ("RuntimeError", "while handling\nthat"))
        self.assertEqual(info["context"]["type"], "ValueError")
        self.assertEqual((info["context"]["cause"]["type"], info["context"]["cause"]["message"]), ("KeyError", "'missing'"))
        self.assertEqual(info["frames"][0]["function"], "test_the_chain_of_causes")
        self.assertIn("The above exception was the direct cause", record["exc_text"])

    def test_suppressed_contexts_and_cycles(self):
        try:
            try:
                raise KeyError(1)
            except KeyError:
                raise ValueError(2) from None
        except ValueError as error:
            self.assertNotIn("context", describe_exception(error))
        first, second = ValueError("a"), ValueError("b")
        first.__cause__, second.__cause__ = second, first
        self.assertEqual(describe_exception(first)["cause"]["cause"], {"$cycle": True})

    def test_many_frames_and_an_exception_without_text(self):
        def recurse(levels):
            if levels:
                return recurse(levels - 1)
            raise Silent()

        with logged() as out:
            try:
                recurse(300)
            except Silent:
                log.exception("deep")
        (record,) = out.records
        self.assertEqual(len(record["exc_info"]["frames"]), 50)
        self.assertEqual(record["exc_info"]["frames_left_out"], 252)
        self.assertEqual(record["exc_info"]["frames"][-1]["function"], "recurse")

    def test_no_exception_to_tell(self):
        with logged() as out:
            log.info("none", exc_info=True)
            log.error("given", exc_info=ValueError("not raised"))
        self.assertIsNone(out.records[0]["exc_info"])
        self.assertIsNone(out.records[0]["exc_text"])
        self.assertEqual(out.records[1]["exc_info"]["frames"], [])
        self.assertIn("ValueError: not raised", out.records[1]["exc_text"])

    @unittest.skipIf(sys.version_info < (3, 11), "exception groups came with 3.11")
    def test_groups_and_notes(self):
        error = ValueError("x")
        error.add_note("look here")
        group = ExceptionGroup("many", [error, KeyError("y")])  # noqa: F821
        described = describe_exception(group)
        self.assertEqual([one["type"] for one in described["exceptions"]], ["ValueError", "KeyError"])
        self.assertEqual(described["exceptions"][0]["notes"], ["look here"])


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Pickles(unittest.TestCase):
    def test_what_is_pickled_is_what_was_logged(self):
        with logged(handler=Records(PickleFormatter())) as out:
            with task("x", when=uuid.UUID(int=1)):
                log.info("n %d", 1, extra={"odd": {1, 2}})
        start, record, end = map(pickle.loads, out.lines)
        self.assertEqual((record["odd"], record["message"]), ({1, 2}, "n 1"))
        self.assertIs(type(record["context"]), dict)
        self.assertEqual(record["context"]["when"], uuid.UUID(int=1))
        self.assertEqual(end["dl"]["status"], "succeeded")
        self.assertEqual({line[:2] for line in out.lines}, {b"\x80\x02"})

    def test_what_cannot_be_pickled_becomes_plain(self):
        with logged(handler=Records(PickleFormatter())) as out:
            log.info("x", extra={"odd": lambda: 1, "fine": {3}})
        (record,) = map(pickle.loads, out.lines)
        self.assertIn("$global", record["odd"])
        self.assertEqual(record["fine"], {3})


class Readers(unittest.TestCase):
    def test_our_own_programs_read_every_form(self):
        with logged() as out:
            for value, _ in FORMS:
                log.info("x", extra={"odd": value})
            log.warning("last")
        done = subprocess.run(
            [program("dl-filter"), "--strict", "--count", "level >= info"],
            input=b"\n".join(out.lines) + b"\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
        )
        self.assertEqual((done.returncode, done.stdout.strip()), (0, str(len(FORMS) + 1).encode()), done.stderr)


if __name__ == "__main__":
    unittest.main()
