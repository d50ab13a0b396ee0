"""Scopes: ids, starts and ends, fields and levels."""

import asyncio
import gc
import logging
import unittest
import uuid

from distlog import ScopeFilter, current_scope, external_call, import_task, task, to
from distlog.current import _process
from distlog.ids import new_id, valid_id

from support import logged, shape

log = logging.getLogger("tests.scope")


class Basics(unittest.TestCase):
    def test_start_detail_end(self):
        with logged() as out:
            with task("count to %d", 10, job="count") as scope:
                log.debug("counting")
                with to("say %s", "one"):
                    pass
        self.assertEqual(
            shape(out.records),
            [
                ("0@", "start", None, "count to 10"),
                ("1@", None, None, "counting"),
                ("0@1", "start", None, "say one"),
                ("1@1", "end", "succeeded", "say one"),
                ("2@", "end", "succeeded", "count to 10"),
            ],
        )
        self.assertEqual(str(uuid.UUID(scope.id)), scope.id)
        self.assertEqual(uuid.UUID(scope.id).version, 4)
        for record in out.records:
            self.assertEqual(record["context"]["key"].partition("@")[2].partition("/")[0], scope.id)
        self.assertEqual(out.records[1]["context"]["job"], "count")
        self.assertEqual(out.records[4]["name"], __name__)
        self.assertEqual(out.records[4]["funcName"], "test_start_detail_end")
        self.assertIsNone(current_scope())
        self.assertEqual((scope.status, scope.ended), ("succeeded", True))

    def test_durations_do_not_follow_the_clock(self):
        with logged() as out:
            with task("set the clock"):
                real = logging.time.time
                try:
                    logging.time.time = lambda: real() - 1000
                    log.info("it is earlier now")
                finally:
                    logging.time.time = real
        self.assertGreaterEqual(out.records[-1]["dl"]["duration"], 0)
        self.assertLess(out.records[-1]["dl"]["duration"], 500)

    def test_a_failure_is_told(self):
        with logged() as out, self.assertRaises(KeyError):
            with task("keep %d%%", 5):
                with to("100% of it"):
                    raise KeyError("nothing")
        inner, outer = out.records[2:]
        self.assertEqual(inner["message"], "FAILED 100% of it: KeyError: 'nothing'")
        self.assertEqual(outer["message"], "FAILED keep 5%: KeyError: 'nothing'")
        for record in (inner, outer):
            self.assertEqual((record["levelname"], record["dl"]["status"]), ("ERROR", "failed"))
            self.assertIn("KeyError: 'nothing'", record["exc_text"])
            self.assertEqual(record["exc_info"]["type"], "KeyError")

    def test_success_and_fail_give_the_last_word(self):
        with logged() as out:
            with task("a") as one:
                one.success("done with %d", 7)
            with task("b") as two:
                two.fail("only %d of %d", 1, 2)
        self.assertEqual(out.records[1]["message"], "done with 7")
        self.assertEqual((out.records[3]["message"], out.records[3]["levelname"]), ("only 1 of 2", "ERROR"))
        self.assertEqual((two.status, out.records[3]["dl"]["status"]), ("failed", "failed"))

    def test_ways_to_end_that_are_no_failures(self):
        for error, status in ((SystemExit(), "succeeded"), (SystemExit(0), "succeeded"), (SystemExit(3), "failed"),
                              (GeneratorExit(), "succeeded"), (KeyboardInterrupt(), "failed"),
                              (asyncio.CancelledError(), "failed")):
            with self.subTest(error=error), logged() as out:
                with self.assertRaises(type(error)), task("leave"):
                    raise error
                self.assertEqual(out.records[-1]["dl"]["status"], status)

    def test_a_scope_that_is_entered_within_itself(self):
        def descend(scope, levels):
            with scope:
                log.info("level %d", levels)
                if levels:
                    descend(scope, levels - 1)

        for make in (task, external_call):
            with logged() as out:
                descend(make("down"), 2)
                self.assertIsNone(current_scope())
            bounds = [(key, event) for key, event, _, _ in shape(out.records) if event]
            places = ["", "1", "1/1"]
            self.assertEqual([key.partition("@")[2] for key, _ in bounds], [*places, *reversed(places)])
            self.assertEqual([event for _, event in bounds], ["start"] * 3 + ["end"] * 3)
            self.assertEqual(len({r["context"]["key"] for r in out.records}), 9)

    def test_a_scope_that_several_tasks_enter(self):
        async def work(shared, name):
            with shared:
                await asyncio.sleep(0)
                log.info(name)
                await asyncio.sleep(0)
            return current_scope()

        async def main():
            shared = task("shared")
            self.assertEqual(await asyncio.gather(*(work(shared, name) for name in "abc")), [None] * 3)
            with task("around") as around:
                again = to("again")
                with again:
                    self.assertEqual(await asyncio.gather(*(work(again, name) for name in "de")), [again] * 2)
                self.assertIs(current_scope(), around)

        with logged() as out:
            asyncio.run(asyncio.wait_for(main(), 10))
        scopes = {}
        for record in out.records:
            key = record["context"]["key"].partition("@")[2]
            scopes.setdefault(key, []).append((record.get("dl") or {}).get("event") or record["message"])
        self.assertEqual(
            sorted(map(tuple, scopes.values())),
            [("start", "a", "end"), ("start", "b", "end"), ("start", "c", "end"), ("start", "d", "end"),
             ("start", "e", "end"), ("start", "end"), ("start", "end")],
        )  # fmt: skip

    def test_a_scope_that_is_entered_again_below_what_was_left_out_of_order(self):
        with logged() as out:
            outer, inner = task("outer"), task("inner")
            outer.__enter__()
            inner.__enter__()
            outer.__exit__(None, None, None)
            with outer:
                log.info("again")
            inner.__exit__(None, None, None)
            self.assertIsNone(current_scope())
        self.assertEqual([r["dl"]["event"] for r in out.records if "dl" in r], ["start", "start", "end"] + ["start", "end", "end"])

    def test_fields_never_take_the_place_of_the_key(self):
        with logged() as out:
            with task("mine", key="theirs") as scope:
                scope.bind(key="once more", more=1)
                log.info("x")
        record = out.records[1]
        self.assertRegex(record["context"]["key"], "^1@")
        self.assertEqual((record["context"]["key_"], record["context"]["more"]), ("once more", 1))

    def test_an_extra_context_is_kept_beside_ours(self):
        with logged() as out:
            log.info("outside", extra={"context": {"theirs": 1}})
            with task("x"):
                log.info("inside", extra={"context": {"theirs": 2}})
        self.assertEqual(out.records[0]["context"], {"theirs": 1})
        self.assertRegex(out.records[2]["context"]["key"], "^1@")
        self.assertEqual(out.records[2]["context"]["context"], {"theirs": 2})
        for key in ("theirs", "them@example.com", "@", 5):
            with logged() as out, task("x"):
                log.info("inside", extra={"context": {"key": key}})
            self.assertRegex(out.records[1]["context"]["key"], "^1@")
            self.assertEqual(out.records[1]["context"]["context"], {"key": key})

    def test_levels(self):
        with logged(logging.WARNING) as out:
            with task("too quiet") as quiet:
                log.info("nothing")
            with self.assertRaises(ValueError), task("loud at the end"):
                raise ValueError("x")
        self.assertEqual(shape(out.records), [("0@", "end", "failed", "FAILED loud at the end: ValueError: x")])
        self.assertEqual(quiet.status, "succeeded")
        with logged() as out:
            with task("detail").at(logging.DEBUG):
                pass
            with task("slow").warn_after(0.0):
                pass
        self.assertEqual([r["levelname"] for r in out.records], ["DEBUG", "DEBUG", "INFO", "WARNING"])
        self.assertTrue(out.records[3]["dl"]["slow"])

    def test_import_continues_the_tree_and_refuses_what_is_no_id(self):
        with task("caller") as caller:
            announced = caller.get_foreign_task()
        self.assertEqual(announced, f"{caller.id}/1")
        with import_task(announced, "callee") as callee:
            self.assertEqual((callee.id, callee.parent, callee.tree), (announced, caller.id, caller.id))
            with to("below") as below:
                self.assertEqual(below.id, f"{announced}/1")
        for bad in (None, "", "None/4", "<built-in function id>", "../../etc", f"{caller.id}/", f"{caller.id}//1",
                    f"{caller.id}/a b", f"{caller.id}/é", caller.id + "/1" * 600, 7, caller.id + "\n"):
            with self.subTest(bad=bad):
                made = import_task(bad, "callee")
                self.assertNotIn("/", made.id)
                self.assertEqual(str(uuid.UUID(made.id)), made.id)
        self.assertEqual(import_task(uuid.UUID(caller.id), "x").id, caller.id)
        self.assertEqual(import_task(announced.encode(), "x").id, announced)

    def test_a_scope_outside_of_any_is_a_task(self):
        self.assertNotIn("/", to("alone").id)

    def test_a_task_in_a_task_belongs_to_its_tree(self):
        with task("outer") as outer, task("inner") as inner:
            self.assertTrue(inner.id.startswith(outer.id + "/"))
            self.assertEqual(str(uuid.UUID(inner.id.partition("/")[2])), inner.id.partition("/")[2])

    def test_external_calls_add_up(self):
        with logged() as out:
            with task("order"):
                with to("pay"):
                    with external_call("bank", "charge %d", 3):
                        pass
                    with external_call("bank"):
                        pass
        ends = [r for r in out.records if (r.get("dl") or {}).get("event") == "end"]
        bank = [r for r in ends if r["dl"].get("external") == "bank"]
        self.assertEqual([r["message"] for r in bank], ["charge 3", "call bank"])
        spent = sum(r["dl"]["duration"] for r in bank)
        for record in ends[2:]:
            self.assertAlmostEqual(record["dl"]["outside"], spent, delta=3e-6)
            self.assertGreaterEqual(record["dl"]["duration"], record["dl"]["outside"])

    def test_entered_again_it_is_another_scope(self):
        with task("outer"):
            again = to("again")
            with again:
                first = again.id
            with again:
                self.assertNotEqual(again.id, first)
                self.assertEqual(again.parent, first.rpartition("/")[0])

    def test_a_filter_brings_the_scope_to_any_handler(self):
        class Plain(logging.Handler):
            seen = []

            def emit(self, record):
                self.seen.append(record.context)

        handler = Plain()
        handler.addFilter(ScopeFilter())
        with logged(handler=handler):
            log.info("outside")
            with task("inside") as scope:
                log.info("inside")
        self.assertIsNone(handler.seen[0])
        self.assertEqual(handler.seen[2]["key"], f"1@{scope.id}")

    def test_two_handlers_see_one_key(self):
        with logged() as one:
            from support import Records

            two = Records()
            logging.getLogger().addHandler(two)
            with task("x"):
                log.info("y")
        self.assertEqual(one.lines, two.lines)

    def test_a_scope_is_left_even_if_logging_fails(self):
        class Broken(logging.Filter):
            def filter(self, record):
                raise RuntimeError("broken filter")

        logger = logging.getLogger(__name__)
        with logged():
            scope = task("x")
            scope.__enter__()
            broken = Broken()
            logger.addFilter(broken)
            try:
                with self.assertRaises(RuntimeError):
                    scope.__exit__(None, None, None)
            finally:
                logger.removeFilter(broken)
            self.assertIsNone(current_scope())

    def test_nothing_of_logging_is_replaced(self):
        self.assertIs(logging.getLogRecordFactory(), logging.LogRecord)
        self.assertIs(logging.getLoggerClass(), logging.Logger)


class Ids(unittest.TestCase):
    def test_ids_are_version_4_and_distinct(self):
        ids = {new_id() for _ in range(10_000)}
        self.assertEqual(len(ids), 10_000)
        for one in ids:
            self.assertEqual((valid_id(one), uuid.UUID(one).version, uuid.UUID(one).variant), (one, 4, uuid.RFC_4122))


class Memory(unittest.TestCase):
    def test_scopes_are_not_kept(self):
        import weakref

        with logged():
            with task("x") as scope, to("y") as inner:
                pass
        watch = weakref.ref(scope), weakref.ref(inner)
        del scope, inner
        gc.collect()
        self.assertEqual([w() for w in watch], [None, None])
        self.assertEqual(_process.branches, {})


if __name__ == "__main__":
    unittest.main()
