"""Processes that end, are ended or fork: what they have logged arrives all the same."""

import os
import signal
import subprocess
import sys
import unittest

from support import Collector, PYTHON, expected, run_python, texts


class Ending(unittest.TestCase):
    def test_an_application_that_exits_at_once(self):
        code = """
import logging, sys
from distlog import ZmqHandler
logging.basicConfig(level=logging.DEBUG, handlers=[ZmqHandler(sys.argv[1])])
for n in range(3000):
    logging.info("record %d", n)
if sys.argv[2] == "raise":
    raise ValueError("dead")
"""
        for way in ("end", "raise"):
            with self.subTest(way=way), Collector() as collector:
                run_python(code, collector.endpoint, way)
                collector.wait_for(3000)
                collector.stop()
                self.assertEqual(texts(collector.records()), expected(3000))

    def test_what_is_logged_first_at_the_very_end(self):
        """By then no thread can be started any more (Python 3.12), or might not be."""
        code = """
import atexit, logging, sys, threading
from distlog import ZmqHandler
logging.basicConfig(level=logging.DEBUG, handlers=[ZmqHandler(sys.argv[1])])
def last():
    def refuse(self):
        raise RuntimeError("can't create new thread at interpreter shutdown")
    threading.Thread.start = refuse
    for n in range(100):
        logging.info("record %d", n)
atexit.register(last)
"""
        with Collector() as collector:
            done = run_python(code, collector.endpoint)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            collector.wait_for(100)
            collector.stop()
            self.assertEqual(texts(collector.records()), expected(100))

    def test_sigterm_delivers(self):
        code = """
import logging, sys, time
from distlog import ZmqHandler
logging.basicConfig(level=logging.DEBUG, handlers=[ZmqHandler(sys.argv[1])])
for n in range(3000):
    logging.info("record %d", n)
print("logged", flush=True)
time.sleep(60)
"""
        with Collector() as collector:
            environment = {**os.environ, "PYTHONPATH": str(PYTHON)}
            with subprocess.Popen(
                [sys.executable, "-c", code, collector.endpoint], stdout=subprocess.PIPE, env=environment
            ) as process:
                process.stdout.readline()
                process.terminate()
                self.assertEqual(process.wait(60), -signal.SIGTERM)
            collector.wait_for(3000)
            collector.stop()
            self.assertEqual(texts(collector.records()), expected(3000))

    def test_forks_have_queues_and_connections_of_their_own(self):
        code = """
import logging, multiprocessing, os, sys, warnings
from distlog import ZmqHandler, task, to
# Python 3.12 warns of a fork beside threads, which this is about.
warnings.simplefilter("ignore", DeprecationWarning)
handler = ZmqHandler(sys.argv[1])
logging.basicConfig(level=logging.DEBUG, handlers=[handler])

def work(number):
    for n in range(200):
        logging.info("child %d record %d", number, n)

with task("parent"):
    logging.info("before")
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=work, args=(number,)) for number in range(4)]
    for child in children:
        child.start()
    for n in range(200):
        logging.info("parent record %d", n)
    for child in children:
        child.join()
    pid = os.fork()
    if not pid:
        logging.info("in a bare fork")
        sys.exit(0)
    assert os.waitpid(pid, 0)[1] == 0
"""
        with Collector() as collector:
            done = run_python(code, collector.endpoint)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            # Start and end of the parent and of five branches, and what was logged.
            count = 6 * 2 + 1 + 5 * 200 + 1
            collector.wait_for(count)
            collector.stop()
            records = collector.records()
        self.assertEqual(len(records), count)
        self.assertEqual(len({r["context"]["key"] for r in records}), count)
        self.assertEqual(len({r["record_id"] for r in records}), count)
        self.assertEqual(len({r["process"] for r in records}), 6)


if __name__ == "__main__":
    unittest.main()
