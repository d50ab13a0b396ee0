"""Under gevent the sender is a greenlet: while it waits, the others have to run."""

import importlib.util
import unittest

from support import NOWHERE, Collector, run_python

PROGRAM = """
import logging, os, sys
order, kind, endpoint = sys.argv[1:]
if order == "first":
    from gevent import monkey; monkey.patch_all()
import distlog
handler = getattr(distlog, kind)(endpoint)
logging.basicConfig(level=logging.INFO, handlers=[handler])
if order == "forked" and os.fork():
    sys.exit(os.waitpid(-1, 0)[1] and 1)
if order == "elsewhere":
    # A thread of before, as that of distlog.control, logs the first record when all else is gevent's.
    import threading, time
    reader, writer = os.pipe()
    def elsewhere():
        os.read(reader, 1)
        logging.info("elsewhere")
        os.write(written, b"x")
        while True:
            time.sleep(0.01)
    read, written = os.pipe()
    threading.Thread(target=elsewhere, daemon=True).start()
if order != "first":
    from gevent import monkey; monkey.patch_all()
if order == "elsewhere":
    os.write(writer, b"x")
    os.read(read, 1)
import gevent
def work(n):
    for _ in range(30):
        with distlog.task("job %d", n):
            gevent.sleep(0.01)
gevent.joinall([gevent.spawn(work, n) for n in range(3)], timeout=30, raise_error=True)
print(handler.stats.accepted)
sys.stdout.flush()
handler.flush_timeout = 0.1 if endpoint.endswith(":9") else 5
"""


@unittest.skipUnless(importlib.util.find_spec("gevent"), "gevent is not installed")
class Gevent(unittest.TestCase):
    def run_program(self, order, kind, endpoint, records=180):
        done = run_python(PROGRAM, order, kind, endpoint)
        self.assertEqual((done.returncode, done.stdout), (0, b"%d\n" % records), done.stderr)
        return done.stderr

    def test_a_sender_that_waits_for_its_collector_stops_nobody(self):
        self.run_program("first", "ZmqHandler", NOWHERE)
        self.run_program("first", "NdjsonHandler", "ndjson+" + NOWHERE)

    def test_handlers_may_be_made_before_the_program_becomes_one_of_gevent(self):
        # As of a gunicorn that loads the application before it forks.
        for order in ("first", "last", "forked"):
            for kind, scheme in (("ZmqHandler", "tcp"), ("NdjsonHandler", "ndjson+tcp")):
                with self.subTest(order=order, kind=kind), Collector(f"{scheme}://127.0.0.1:0") as collector:
                    self.run_program(order, kind, collector.endpoint)
                    collector.wait_for(180)
                    self.assertEqual(len({record["context"]["key"] for record in collector.records()}), 180)

    def test_a_sender_that_another_thread_has_started(self):
        with Collector() as collector:
            self.assertEqual(self.run_program("elsewhere", "ZmqHandler", collector.endpoint, 181), b"")
            collector.wait_for(181)


if __name__ == "__main__":
    unittest.main()
