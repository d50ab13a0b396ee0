"""Scopes: ids, starts and ends, and that threads, tasks, generators and processes keep apart."""

import asyncio
import concurrent.futures
import gc
import logging
import multiprocessing
import os
import signal
import tempfile
import threading
import unittest
import uuid
from pathlib import Path

from distlog import (
    JSONFormatter, ScopeFilter, current_scope, external_call, import_task, preserve_context, task, to, trace,
)
from distlog.ids import new_id, valid_id
from distlog.current import _process

from support import PYTHON, logged, nodes_of, parse, run_python, shape, trees_of

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


class Threads(unittest.TestCase):
    def test_each_thread_has_scopes_of_its_own(self):
        """The original had one stack for all: scopes of one thread became children of another's."""
        barrier = threading.Barrier(8)
        truth = {}

        def work(number):
            with task("thread %d", number) as root:
                barrier.wait()
                for step in range(20):
                    with to("step %d", step) as inner:
                        log.info("thread %d, step %d", number, step)
                        self.assertEqual(inner.id, f"{root.id}/{step + 1}")
                truth[root.id] = number

        with logged() as out:
            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for record in out.records:
            tree = record["context"]["key"].partition("@")[2].partition("/")[0]
            if record["message"].startswith("thread"):
                self.assertRegex(record["message"], rf"^thread {truth[tree]}\b")
        self.check_keys(out.records)

    def check_keys(self, records):
        keys = [r["context"]["key"] for r in records]
        self.assertEqual(len(keys), len(set(keys)))

    def test_one_scope_shared_by_threads_gives_no_key_twice(self):
        with logged() as out:
            with task("shared") as scope:
                def work(_):
                    for _ in range(200):
                        log.info("x")
                        with to("child"):
                            pass

                with concurrent.futures.ThreadPoolExecutor(8) as pool:
                    list(pool.map(preserve_context(work), range(8)))
        keys = [r["context"]["key"] for r in out.records]
        self.assertEqual(len(keys), 8 * 200 * 3 + 2)
        self.assertEqual(len(set(keys)), len(keys))
        own = sorted(int(k.partition("@")[0]) for k in keys if k.endswith(scope.id))
        self.assertEqual(own, list(range(8 * 200 + 2)))

    def test_preserve_context(self):
        with task("x") as scope:
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                self.assertIsNone(pool.submit(current_scope).result())
                self.assertIs(pool.submit(preserve_context(current_scope)).result(), scope)
                self.assertIsNone(pool.submit(current_scope).result())


class Coroutines(unittest.TestCase):
    def test_gathered_tasks_are_children_of_one_parent(self):
        async def step(number):
            with to("step %d", number) as scope:
                await asyncio.sleep(0)
                log.info("in %d", number)
                self.assertIs(current_scope(), scope)
                await asyncio.sleep(0)
                return scope.id

        async def main():
            async with task("all") as root:
                ids = await asyncio.gather(*(step(n) for n in range(50)))
                self.assertIs(current_scope(), root)
                return root.id, ids

        with logged() as out:
            root, ids = asyncio.run(main())
        self.assertEqual(sorted(ids), sorted(f"{root}/{n}" for n in range(1, 51)))
        self.assertEqual(len(out.lines), 2 + 50 * 3)

    def test_a_task_outlives_its_parent(self):
        async def late(go):
            await go.wait()
            log.info("late")
            with to("later still") as scope:
                return scope.id

        async def main():
            go = asyncio.Event()
            with task("early") as root:
                following = asyncio.ensure_future(late(go))
                await asyncio.sleep(0)
            go.set()
            return root.id, await following

        with logged() as out:
            root, child = asyncio.run(main())
        self.assertEqual(child, f"{root}/1")
        self.assertEqual([s[0] for s in shape(out.records)], ["0@", "1@", "2@", "0@1", "1@1"])
        tree = trees_of(out.lines)[root]
        self.assertEqual(tree["status"], "succeeded")

    def test_scopes_do_not_nest_for_ever(self):
        """A loop that starts tasks from inside of tasks: each belongs to who started it."""
        async def chain(left):
            with task("link") as scope:
                pass
            self.assertNotIn("/", scope.id)
            if left:
                return await asyncio.ensure_future(chain(left - 1))

        asyncio.run(chain(30))


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


def _log_to_file():
    """What another process logs goes into a file of that process."""
    handler = logging.FileHandler(Path(os.environ["SCOPE_TEST"], f"{os.getpid()}.ndjson"), encoding="utf-8")
    handler.setFormatter(JSONFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG)
    return os.getpid()


def _child_of_pool(number):
    """Runs in another process."""
    if _configured != os.getpid():
        _log_to_file()
    with to("work on %d", number):
        log.info("worked on %d", number)


# A process that is spawned imports this module, and sets its logging up as it would anywhere.
_configured = None
if multiprocessing.current_process().name != "MainProcess" and "SCOPE_TEST" in os.environ:
    _configured = _log_to_file()


class Processes(unittest.TestCase):
    def gather(self, folder):
        return [line for file in sorted(Path(folder).glob("*.ndjson")) for line in file.read_bytes().splitlines()]

    def test_all_start_methods(self):
        for method in multiprocessing.get_all_start_methods():
            with self.subTest(method=method), tempfile.TemporaryDirectory() as folder:
                os.environ["SCOPE_TEST"] = folder
                os.environ["PYTHONPATH"] = os.pathsep.join([str(PYTHON), str(PYTHON / "tests")])
                with logged() as out:
                    with task("spread by %s", method) as root:
                        context = multiprocessing.get_context(method)
                        processes = [
                            context.Process(target=preserve_context(_child_of_pool), args=(n,)) for n in range(3)
                        ]
                        for process in processes:
                            process.start()
                        for process in processes:
                            process.join()
                        self.assertEqual([p.exitcode for p in processes], [0, 0, 0])
                lines = out.lines + self.gather(folder)
                trees = trees_of(lines)
                self.assertEqual(list(trees), [root.id])
                tree = trees[root.id]
                self.assertEqual((tree["status"], len(tree["processes"])), ("succeeded", 4))
                nodes = nodes_of(tree)
                # Where a function was pickled on its way, the call has a scope of its own.
                calls = [n for n in nodes if n["name"].endswith("_child_of_pool")]
                self.assertEqual(len(calls), 0 if method == "fork" else 3)
                work = sorted(n["name"] for n in nodes if n["name"].startswith("work on"))
                self.assertEqual(work, ["work on 0", "work on 1", "work on 2"])
                self.assertEqual({n["status"] for n in nodes}, {"succeeded"})
                keys = [parse(line)["context"]["key"] for line in lines]
                self.assertEqual(len(keys), len(set(keys)))

    def test_a_pool_of_processes(self):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SCOPE_TEST"] = folder
            os.environ["PYTHONPATH"] = os.pathsep.join([str(PYTHON), str(PYTHON / "tests")])
            with logged() as out:
                with task("a pool") as root:
                    context = multiprocessing.get_context("spawn")
                    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
                        list(pool.map(preserve_context(_child_of_pool), range(6)))
            tree = trees_of(out.lines + self.gather(folder))[root.id]
            self.assertEqual(tree["status"], "succeeded")
            work = [n for n in nodes_of(tree) if n["name"].startswith("work on")]
            self.assertEqual(len(work), 6)

    def test_a_bare_fork_has_a_branch_of_its_own(self):
        code = '''
import logging, os, sys
from distlog import JSONFormatter, task, to
handler = logging.FileHandler(sys.argv[1])
handler.setFormatter(JSONFormatter())
logging.basicConfig(level=logging.DEBUG, handlers=[handler])
with task("parent") as root:
    logging.info("before")
    child = os.fork()
    logging.info("in %s", "parent" if child else "child")
    with to("in either"):
        pass
    if child:
        assert os.waitpid(child, 0)[1] == 0
'''
        with tempfile.TemporaryDirectory() as folder:
            done = run_python(code, Path(folder, "log"))
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = Path(folder, "log").read_bytes().splitlines()
        records = [parse(line) for line in lines]
        keys = [r["context"]["key"] for r in records]
        self.assertEqual(len(keys), len(set(keys)))
        (tree,) = trees_of(lines).values()
        self.assertEqual(tree["status"], "succeeded")
        told = sorted((n["name"], n["status"]) for n in nodes_of(tree))
        self.assertEqual(
            told,
            [("forked: parent", "succeeded"), ("in either", "succeeded"), ("in either", "succeeded"),
             ("parent", "succeeded")],
        )

    def test_killed_it_is_still_running(self):
        code = '''
import logging, os, signal, sys
from distlog import JSONFormatter, task, to
handler = logging.FileHandler(sys.argv[1])
handler.setFormatter(JSONFormatter())
logging.basicConfig(level=logging.DEBUG, handlers=[handler])
with task("doomed"):
    with to("done"):
        pass
    with to("under way"):
        os.kill(os.getpid(), signal.SIGKILL)
'''
        with tempfile.TemporaryDirectory() as folder:
            done = run_python(code, Path(folder, "log"))
            self.assertEqual(done.returncode, -signal.SIGKILL)
            lines = Path(folder, "log").read_bytes().splitlines()
        (tree,) = trees_of(lines).values()
        self.assertEqual(tree["status"], "running")
        told = {n["name"]: n["status"] for n in nodes_of(tree)}
        self.assertEqual(told, {"doomed": "running", "done": "succeeded", "under way": "running"})


class Bounds(unittest.TestCase):
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
