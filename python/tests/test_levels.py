"""The overlay of rules in one process: what it does to loggers, and that nothing of it is left behind."""

import contextlib
import logging
import threading
import time
import unittest
import uuid

from distlog import carried, control, controlled, levels, propagate
from distlog.controlclient import Client
from distlog.levels import Rule
from distlog.scope import task
from support import Records, logged, run_python


def rule(loggers, level=logging.DEBUG, seconds=60.0, task=None, name=None):
    return Rule(name or uuid.uuid4().hex, loggers, level, time.monotonic() + seconds, task)


@contextlib.contextmanager
def in_force(*rules):
    """These rules, the oldest first."""
    levels.replace(lambda now: [*reversed(rules), *now])
    try:
        yield
    finally:
        levels.replace(lambda now: [one for one in now if one not in rules])


def fresh(*below, level=logging.NOTSET):
    """A logger that nobody else has."""
    made = logging.getLogger(".".join((f"levels{uuid.uuid4().hex}", *below)))
    made.setLevel(level)
    return made


class Untouched(unittest.TestCase):
    """What every test leaves behind: nothing."""

    def setUp(self):
        root = logging.getLogger()
        was = root.level
        root.setLevel(logging.WARNING)
        self.addCleanup(root.setLevel, was)

    def tearDown(self):
        control.stop()
        controlled.Process.ingress = None
        self.assertEqual(levels.in_force(), ())
        for logger in levels._all_loggers():
            self.assert_plain(logger)
        self.assertNotIn("getLogger", logging.root.manager.__dict__)

    def assert_plain(self, logger):
        """A call on it runs the very functions of the logging module."""
        self.assertIs(type(logger._cache), dict)
        self.assertIs(logger.getEffectiveLevel.__func__, type(logger).getEffectiveLevel)
        self.assertIs(logger.isEnabledFor.__func__, type(logger).isEnabledFor)


class Overlay(Untouched):
    def test_a_rule_holds_and_leaves_nothing(self):
        logger = fresh(level=logging.ERROR)
        with in_force(rule(f"{logger.name[:20]}*")):
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))
            self.assertEqual(logger.getEffectiveLevel(), logging.DEBUG)
            self.assertEqual(logger.level, logging.ERROR)
        self.assertFalse(logger.isEnabledFor(logging.WARNING))
        self.assert_plain(logger)

    def test_other_loggers_are_not_covered(self):
        logger, other = fresh(), fresh()
        with in_force(rule(logger.name)):
            self.assert_plain(other)
            self.assertFalse(other.isEnabledFor(logging.DEBUG))

    def test_a_rule_whose_time_is_over_was_not_cleared(self):
        client = Client(None, None, "host", "process", 60.0)
        self.addCleanup(client._wake.close)
        self.addCleanup(client._waker.close)
        told = {"loggers": "levels*", "level": "DEBUG"}
        with logged() as records:
            # The collector's clock is ahead by what the way from there takes.
            ends = {"a": 0.5, "b": 30.0, "c": 0.5}
            client.reconcile([{**told, "id": name, "ttl": ttl} for name, ttl in ends.items()])
            client.reconcile([], ["c"])
        answers = [record["control"] for record in records.records]
        ended = {one["rule"]: one["reason"] for one in answers if one["event"] == "ended"}
        self.assertEqual(ended, {"a": "expired", "b": "cleared", "c": "cleared"})

    def test_records_come_out(self):
        logger = fresh()
        with logged(level=logging.WARNING) as records, in_force(rule(logger.name)):
            logger.debug("seen")
            logging.LoggerAdapter(logger, {}).debug("through an adapter")
        self.assertEqual([one["message"] for one in records.records], ["seen", "through an adapter"])

    def test_a_logger_that_is_made_later(self):
        name = f"later{uuid.uuid4().hex}"
        with in_force(rule(f"{name}.*")):
            made = logging.getLogger(f"{name}.db")
            child = made.getChild("pool")
            self.assertTrue(made.isEnabledFor(logging.DEBUG))
            self.assertTrue(child.isEnabledFor(logging.DEBUG))
            self.assertEqual({change.logger for change in levels.changes(levels.in_force()[0])}, {made.name, child.name})

    def test_a_logger_that_is_made_behind_the_back(self):
        name = f"behind{uuid.uuid4().hex}"
        with in_force(rule(name)):
            logger = logging.Logger(name)
            logger.parent = logging.root
            logging.root.manager.loggerDict[name] = logger
            levels.refresh()
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))

    def test_a_parent_that_is_made_later_reaches_its_children(self):
        name = f"parent{uuid.uuid4().hex}"
        child = logging.getLogger(f"{name}.a.child")
        self.assertFalse(child.isEnabledFor(logging.DEBUG))
        with in_force(rule(f"{name}.a")):
            self.assertFalse(child.isEnabledFor(logging.DEBUG))
            logging.getLogger(f"{name}.a")
            self.assertTrue(child.isEnabledFor(logging.DEBUG))
        self.assertFalse(child.isEnabledFor(logging.DEBUG))

    def test_levels_are_inherited_as_ever(self):
        parent = fresh()
        child, own = parent.getChild("child"), parent.getChild("own")
        own.setLevel(logging.ERROR)
        with in_force(rule(parent.name)):
            self.assertTrue(child.isEnabledFor(logging.DEBUG))
            self.assertFalse(own.isEnabledFor(logging.DEBUG))
            own.setLevel(logging.NOTSET)
            self.assertTrue(own.isEnabledFor(logging.DEBUG))

    def test_the_root_is_a_logger_too(self):
        logger, other = fresh(), fresh(level=logging.ERROR)
        with in_force(rule("root")):
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))
            self.assertFalse(other.isEnabledFor(logging.DEBUG))
            made = fresh()
            self.assertTrue(made.isEnabledFor(logging.DEBUG))

    def test_the_youngest_rule_counts(self):
        logger = fresh()
        old, young = rule(logger.name, logging.DEBUG), rule(logger.name, logging.ERROR)
        with in_force(old):
            with in_force(young):
                self.assertEqual(logger.getEffectiveLevel(), logging.ERROR)
                self.assertFalse(logger.isEnabledFor(logging.WARNING))
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))

    def test_what_the_program_sets_meanwhile_holds_afterwards(self):
        logger = fresh(level=logging.ERROR)
        with in_force(rule(logger.name)):
            logger.setLevel(logging.INFO)
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))
            logging.getLogger().setLevel(logging.ERROR)
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))
        self.assertEqual((logger.level, logger.getEffectiveLevel()), (logging.INFO, logging.INFO))
        logger.setLevel(logging.NOTSET)
        with in_force(rule(logger.name)):
            pass
        # It inherits, as it did: no level was written down for it.
        self.assertEqual(logger.getEffectiveLevel(), logging.ERROR)

    def test_what_is_switched_off_stays_off(self):
        logger = fresh()
        with in_force(rule(logger.name)):
            logger.disabled = True
            self.assertFalse(logger.isEnabledFor(logging.DEBUG))
            logger.disabled = False
            logging.disable(logging.INFO)
            try:
                self.assertFalse(logger.isEnabledFor(logging.INFO))
                self.assertTrue(logger.isEnabledFor(logging.WARNING))
            finally:
                logging.disable(logging.NOTSET)
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))

    def test_the_end_needs_no_thread(self):
        logger = fresh()
        short = rule(logger.name, seconds=0.05)
        with in_force(short):
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))
            while time.monotonic() < short.deadline:
                time.sleep(0.01)
            self.assertFalse(logger.isEnabledFor(logging.DEBUG))
            self.assertEqual(logger.getEffectiveLevel(), logging.WARNING)
            self.assertEqual(levels.expire(), [short])
            self.assert_plain(logger)

    def test_what_others_have_put_there_goes_on(self):
        logger = fresh()
        asked = []
        below = logger.isEnabledFor
        logger.isEnabledFor = lambda level: asked.append(level) or below(level)
        with in_force(rule(logger.name)):
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))
        self.assertFalse(logger.isEnabledFor(logging.DEBUG))
        self.assertEqual(asked, [logging.DEBUG, logging.DEBUG])
        del logger.isEnabledFor

    def test_what_others_put_above_stays(self):
        logger = fresh()
        with in_force(rule(logger.name)):
            below, ours = logger.isEnabledFor, logger.getEffectiveLevel
            logger.isEnabledFor = lambda level: below(level)
            logger.getEffectiveLevel = theirs = lambda: ours()
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))
        self.assertIs(logger.getEffectiveLevel, theirs)
        self.assertEqual(logger.getEffectiveLevel(), logging.WARNING)
        self.assertFalse(logger.isEnabledFor(logging.DEBUG))
        with in_force(rule(logger.name)):
            self.assertEqual(logger.getEffectiveLevel(), logging.DEBUG)
        self.assertIs(logger.getEffectiveLevel, theirs)
        del logger.isEnabledFor, logger.getEffectiveLevel

    def test_what_was_computed_before_is_not_kept(self):
        # As a thread does that asked before the rule came, and writes down what it found after that.
        logger = fresh()
        with in_force(rule(logger.name)):
            logger._cache[logging.DEBUG] = False
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))

    def test_a_logger_class_of_the_application(self):
        class Own(logging.Logger):
            def isEnabledFor(self, level):  # noqa: N802
                return level != logging.CRITICAL and super().isEnabledFor(level)

        before = logging.getLoggerClass()
        logging.setLoggerClass(Own)
        try:
            logger = fresh()
        finally:
            logging.setLoggerClass(before)
        with in_force(rule(logger.name)):
            self.assertTrue(logger.isEnabledFor(logging.DEBUG))
            self.assertFalse(logger.isEnabledFor(logging.CRITICAL))
            self.assertIs(logging.getLoggerClass(), before)
        self.assert_plain(logger)

    def test_patterns(self):
        for pattern, name, expect in (
            ("orders.*", "orders.db", True),
            ("orders.*", "orders", False),
            ("orders.*", "ordersXdb", False),
            ("orders*", "orders", True),
            ("*", "", True),
            ("api-?", "api-12", False),
            ("a[b]", "a[b]", True),
            ("(", "(", True),
        ):
            self.assertEqual(rule(pattern).matches(name), expect, (pattern, name))

    def test_levels_of_rules(self):
        self.assertEqual(levels.number_of("NOTICE"), 25)
        self.assertEqual(levels.number_of("7"), 7)
        for wrong in ("debug", "0", "101", "", None, True, 10, "٣", "1" * 5000):
            with self.assertRaises(ValueError):
                levels.number_of(wrong)

    def test_what_a_rule_changes(self):
        parent = fresh(level=logging.ERROR)
        child = parent.getChild("child")
        with in_force(rule(child.name, logging.INFO)):
            found = levels.changes(rule(f"{parent.name}*"))
        self.assertEqual(
            found, [(parent.name, logging.ERROR, logging.DEBUG), (child.name, logging.INFO, logging.DEBUG)]
        )
        with logged(handler=Records()) as handler:
            handler.setLevel(logging.INFO)
            self.assertEqual(levels.unheard(rule(f"{parent.name}*")), 2)
            self.assertEqual(levels.unheard(rule(f"{parent.name}*", logging.INFO)), 0)

    def test_threads_that_log_while_rules_come_and_go(self):
        logger = fresh()
        failed, stop = [], threading.Event()

        def work():
            number = 0
            while not stop.is_set():
                try:
                    logging.getLogger(f"{logger.name}.{number % 500}").isEnabledFor(logging.DEBUG)
                    logger.setLevel(logging.NOTSET)
                except Exception as error:
                    failed.append(error)
                number += 1

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(200):
                with in_force(rule(f"{logger.name}*")):
                    self.assertTrue(logger.isEnabledFor(logging.DEBUG))
                self.assertFalse(logger.isEnabledFor(logging.DEBUG))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failed, [])


class OneTask(Untouched):
    def test_only_its_records(self):
        logger = fresh()
        wanted, other = task("wanted"), task("other")
        with in_force(rule(logger.name, task=wanted.tree)):
            self.assertFalse(logger.isEnabledFor(logging.DEBUG))
            with wanted:
                self.assertTrue(logger.isEnabledFor(logging.DEBUG))
                with task("below"):
                    self.assertTrue(logger.isEnabledFor(logging.DEBUG))
            with other:
                self.assertFalse(logger.isEnabledFor(logging.DEBUG))
            self.assertFalse(logger.isEnabledFor(logging.DEBUG))
            self.assertEqual(logger.getEffectiveLevel(), logging.WARNING)

    def test_it_goes_along_with_the_task(self):
        wanted = task("wanted")
        headers = {}
        with in_force(rule("orders.*", task=wanted.tree, seconds=30)):
            with wanted:
                propagate.inject(headers)
            with task("other"):
                self.assertNotIn("Distlog-Levels", propagate.headers())
        # Nobody takes it who has not said so.
        propagate.extract(headers)
        self.assertEqual(levels.in_force(), ())
        with logged():
            control.accept_task_levels("orders.*")
            environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
            propagate.extract(environ)
            (taken,) = levels.in_force()
            self.assertEqual((taken.loggers, taken.level, taken.task), ("orders.*", logging.DEBUG, wanted.tree))
            self.assertLessEqual(taken.deadline, time.monotonic() + 30)
            # A second call of the same task brings nothing new, and it goes on to the next process.
            propagate.extract(headers)
            self.assertEqual(levels.in_force(), (taken,))
            with propagate.accept(headers, "work"):
                self.assertIn("Distlog-Levels", propagate.headers())

    def test_what_is_not_allowed_is_left(self):
        tree = task("x").tree

        def send(text):
            propagate.extract({"Distlog-Task": f"{tree}/1", "Distlog-Levels": text})
            return levels.in_force()

        one = '{"loggers":"%s","level":"%s","ttl":%s}'
        with logged():
            control.accept_task_levels(["orders.*"], lowest="INFO", max_ttl=5)
            for text in (
                "", "x", "{}", "[1]", "[" * 900, "[" * 5000, "null",
                f"[{one % ('*', 'INFO', 1)}]",
                f"[{one % ('orders.*', 'DEBUG', 1)}]",
                f"[{one % ('orders.*', 'INFO', 'NaN')}]",
                f"[{one % ('orders.*', 'INFO', -1)}]",
            ):
                self.assertEqual(send(text), (), text)
            (taken,) = send(f"[{one % ('orders.*', 'INFO', 1e6)}]")
            self.assertLessEqual(taken.deadline, time.monotonic() + 5)

    def test_strangers_cannot_flood(self):
        with logged():
            control.accept_task_levels(per_minute=3)
            for _ in range(20):
                tree = task("x").tree
                propagate.extract(
                    {"Distlog-Task": f"{tree}/1", "Distlog-Levels": '[{"loggers":"*","level":"DEBUG","ttl":60}]'}
                )
            self.assertEqual(len(levels.in_force()), 3)

    def test_it_ends_by_itself(self):
        logger = fresh()
        with logged(level=logging.WARNING) as records:
            control.accept_task_levels()
            wanted = task("x")
            carried.take(wanted.tree, '[{"loggers":"*","level":"DEBUG","ttl":0.2}]')
            with wanted:
                self.assertTrue(logger.isEnabledFor(logging.DEBUG))
                deadline = time.monotonic() + 20
                while levels.in_force() and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.assertFalse(logger.isEnabledFor(logging.DEBUG))
            control.stop()
            events = [one["control"]["event"] for one in records.records if "control" in one]
        self.assertEqual(events, ["applied", "ended"])


SPAWNED = """
import logging, multiprocessing, sys, time
from distlog import levels, preserve_context, task

def work():
    return logging.getLogger("orders.db").isEnabledFor(logging.DEBUG)

if __name__ == "__main__":
    with task("x") as x, multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.apply(preserve_context(work)))
        found = levels.Rule("r", "orders.*", 10, time.monotonic() + 60, x.tree)
        levels.replace(lambda now: [found])
        print(pool.apply(preserve_context(work)))
        levels.replace(lambda now: [])
        print(work())
"""


class Spawned(unittest.TestCase):
    def test_a_process_that_is_spawned_gets_them_with_the_function(self):
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "spawned.py")
            path.write_text(SPAWNED)
            done = run_python(str(path))
        self.assertEqual((done.stdout.split(), done.returncode), ([b"False", b"True", b"False"], 0), done.stderr)


if __name__ == "__main__":
    unittest.main()
