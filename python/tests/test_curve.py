"""CURVE: who is known is let in, and nobody else."""

import contextlib
import io
import logging
import tempfile
import unittest
from pathlib import Path

import zmq

from distlog import ZmqHandler

from support import Collector, expected, logged, once, texts, wait_until

log = logging.getLogger("tests.curve")


def curve_keys(folder):
    """The server's public key, the keys of a client that it knows, and the flags of dl-recv for both."""
    (server, server_secret), (public, secret) = ((key.decode() for key in zmq.curve_keypair()) for _ in "12")
    key, allow = Path(folder, "collector.key_secret"), Path(folder, "clients")
    key.write_text(f"{server_secret}\n")
    allow.write_text(f"{public} shop of the tests\n")
    curve = {"server": server, "public": public, "secret": secret}
    return server, curve, ["--curve-key", str(key), "--curve-allow", str(allow)]


class Curve(unittest.TestCase):
    def test_curve_lets_those_in_that_are_known(self):
        with tempfile.TemporaryDirectory() as folder:
            server, curve, flags = curve_keys(folder)
            with Collector(flags=flags) as collector:
                handler = ZmqHandler(collector.endpoint, curve=curve)
                with contextlib.closing(handler), logged(handler=handler):
                    for n in range(6000):
                        log.info("record %d", n)
                        if n == 3000:
                            # One that is restarted is found again, and the handshake made again.
                            collector.wait_for(1)
                            collector.stop()
                            collector.start()
                    self.assertTrue(handler.flush(30))
                self.assertEqual(handler.stats[:4], (6000, 6000, 0, 0))
                wait_until(lambda: len(once(collector.records())) >= 6000, "all records")
                collector.stop()
                records = collector.records()
        self.assertEqual(sorted(texts(once(records)), key=lambda text: int(text.split()[1])), expected(6000))
        self.assertEqual({r["dl"]["recv"]["client"] for r in records}, {"shop of the tests"})

    def test_curve_keeps_all_others_out(self):
        with tempfile.TemporaryDirectory() as folder:
            server, known, flags = curve_keys(folder)
            public, secret = (key.decode() for key in zmq.curve_keypair())
            strangers = {
                "an unknown key": ({**known, "public": public, "secret": secret}, "client's key is not let in"),
                "another server's key": ({**known, "server": public}, "HELLO that is not for our key"),
                "no key": (None, "CURVE"),
            }
            for name, (curve, reason) in strangers.items():
                with self.subTest(name), Collector(flags=flags) as collector:
                    with contextlib.redirect_stderr(io.StringIO()):
                        handler = ZmqHandler(collector.endpoint, curve=curve, flush_timeout=0.2)
                        with contextlib.closing(handler), logged(handler=handler):
                            log.info("record %d", 0)
                            self.assertFalse(handler.flush(1))
                    self.assertEqual(handler.stats.sent, 0)
                    collector.wait_for_words(reason)
                    collector.stop()
                    self.assertEqual(collector.ledger, [(0, 0, 0, 0)])


if __name__ == "__main__":
    unittest.main()
