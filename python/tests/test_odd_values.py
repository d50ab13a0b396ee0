"""Records are valid JSON whatever the values are, and none is dropped."""

import json
import logging
import random
import subprocess
import unittest

from distlog import JSONFormatter, task
from distlog.plain import capped_repr, plain

from odd_values import FORMS, Liar, Long, LyingDict, deep
from support import Records, logged, parse, program

log = logging.getLogger("tests.odd_values")


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

    def test_a_value_that_logs_while_it_is_looked_at_is_no_reason_for_lines_that_are_no_records(self):
        class Chatty:
            def __repr__(self):
                # The record of this has the value again, and so on until the stack has no room for more.
                log.info("looked at")
                return "Chatty()"

        def deeper(levels):
            if levels:
                return deeper(levels - 1)
            with task("x", odd=Chatty(), more={"a": 1}):
                pass

        # Where the stack ends is another place each time.
        for levels in range(40):
            with logged() as out:
                deeper(levels)
            self.assertEqual({type(record) for record in out.records}, {dict})
            self.assertEqual(out.records[-1]["message"], "x")
            self.assertEqual(out.records[-1]["context"]["odd"], "Chatty()")

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
