"""Whoever logs in the middle of logging, from a handler of signals or `__del__`, hangs nowhere and loses nothing."""

import logging
import threading
import time
import unittest

from distlog import NdjsonHandler
from distlog.bell import Bell
from line_server import LineServer
from support import NOWHERE, PYTHON, run_python, texts


class Interrupted(unittest.TestCase):
    def check(self, phase, endpoint):
        done = run_python(str(PYTHON / "tests" / "interrupted_app.py"), endpoint, phase, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr.decode()[-4000:])
        lines = int(done.stdout)
        self.assertGreater(lines, 5)
        return lines

    def delivers(self, phase):
        with LineServer() as server:
            lines = self.check(phase, server.endpoint)
            self.assertEqual(texts(server.records()).count("inner"), lines)

    def test_at_the_first_record(self):
        self.delivers("first")

    def test_while_the_sender_is_woken(self):
        self.delivers("woken")

    def test_while_it_is_flushed(self):
        self.delivers("flushed")

    def test_while_the_queue_is_full(self):
        self.check("full", f"ndjson+{NOWHERE}")


class Rings(unittest.TestCase):
    def test_a_bell_rings_once_and_for_the_next_too(self):
        bell = Bell()
        bell.ring()
        bell.ring()
        self.assertTrue(bell.wait(0))
        self.assertFalse(bell.wait(0.01))
        bell.ring()
        bell.hush()
        bell.hush()
        self.assertFalse(bell.wait(0))

    def test_all_who_wait_for_room_get_it(self):
        with LineServer() as server:
            server.stop()
            handler = NdjsonHandler(server.endpoint, capacity=50, overflow="block", block_seconds=60.0)
            logger = logging.getLogger("tests.room")
            logger.propagate = False
            logger.handlers[:] = [handler]

            def work(worker):
                for n in range(50):
                    logger.warning("%d %d", worker, n)

            threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
            for thread in threads:
                thread.start()
            time.sleep(0.1)
            began = time.monotonic()
            server.start()
            for thread in threads:
                thread.join()
            handler.close()
            self.assertLess(time.monotonic() - began, 30)
            self.assertEqual(len(server.records()), 400)
            self.assertEqual(handler.stats.dropped, 0)


if __name__ == "__main__":
    unittest.main()
