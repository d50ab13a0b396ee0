"""Scopes of threads keep apart, and one that threads share gives no key twice."""

import concurrent.futures
import logging
import threading
import unittest

from distlog import current_scope, preserve_context, task, to

from support import logged

log = logging.getLogger("tests.threads")


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


if __name__ == "__main__":
    unittest.main()
