"""Lines go to any server of TCP or Unix sockets, again if it was killed."""

import contextlib
import logging
import socket
import tempfile
import unittest

from distlog import NdjsonHandler

from line_server import LineServer
from support import expected, logged, once, texts, wait_until

log = logging.getLogger("tests.any_server")


class ToAnyServer(unittest.TestCase):
    def test_all_arrive_over_tcp_and_unix_sockets(self):
        with tempfile.TemporaryDirectory() as folder:
            for server in (LineServer(), LineServer(f"{folder}/s", socket.AF_UNIX)):
                with self.subTest(server=server.family), server:
                    with contextlib.closing(NdjsonHandler(server.endpoint)) as handler, logged(handler=handler):
                        for n in range(3000):
                            log.info("record %d", n)
                    self.assertEqual(handler.stats[:4], (3000, 3000, 0, 0))
                    # The handler's end waits until the server has read everything.
                    self.assertEqual(texts(server.records()), expected(3000))

    def test_a_server_that_comes_later_and_is_killed(self):
        with LineServer() as server:
            server.stop()
            with contextlib.closing(NdjsonHandler(server.endpoint)) as handler, logged(handler=handler):
                for n in range(1000):
                    log.info("record %d", n)
                server.start()
                self.assertTrue(handler.flush(30))
                wait_until(lambda: server.received, "something")
                server.stop()
                # What the server had of the last line is lost with it.
                server.received = server.received[: server.received.rfind(b"\n") + 1]
                for n in range(1000, 2000):
                    log.info("record %d", n)
                server.start()
                self.assertTrue(handler.flush(30))
            records = server.records()
        self.assertEqual(sorted(texts(once(records)), key=lambda text: int(text.split()[1])), expected(2000))
        self.assertGreater(handler.stats.resent, 0)

    def test_at_most_once_if_so_wanted(self):
        with LineServer() as server:
            with contextlib.closing(NdjsonHandler(server.endpoint, resend=0)) as handler, logged(handler=handler):
                for n in range(100):
                    log.info("record %d", n)
                self.assertTrue(handler.flush(30))
                wait_until(lambda: server.received.count(b"\n") == 100, "the first hundred")
                server.stop()
                server.start()
                log.info("record 100")
                self.assertTrue(handler.flush(30))
        self.assertEqual(texts(server.records()), expected(101))
        self.assertEqual(handler.stats.resent, 0)


if __name__ == "__main__":
    unittest.main()
