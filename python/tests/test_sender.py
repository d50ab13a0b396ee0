"""The sender: what goes wrong with one record or one connection is told, and ends nothing else."""

import contextlib
import logging
import os
import socket
import time
import unittest

from distlog import NdjsonHandler
from distlog.record import JSONFormatter
from distlog.transport import Transport

from line_server import LineServer
from support import Words, expected, logged, run_python, texts, wait_until

log = logging.getLogger("tests.sender")


class Odd(JSONFormatter):
    """Makes of some records what cannot be sent."""

    def encode(self, record, more=""):
        body = super().encode(record, more)
        return body.decode() if "odd" in record.getMessage() else body


class Deaf(JSONFormatter):
    """Makes nothing that can be sent of any record, but for the first so many."""

    def __init__(self, good, fails):
        super().__init__()
        self.good, self.fails = good, fails

    def encode(self, record, more=""):
        body = super().encode(record, more)
        self.good -= 1
        if self.good >= 0:
            return body
        if self.fails:
            raise RuntimeError("deaf")
        return body.decode()


class Failing(NdjsonHandler):
    """Its connections cannot be opened so many times, in a way that nobody has expected."""

    failures = 0

    def open(self):
        if self.failures:
            self.failures -= 1
            raise RuntimeError("no way")
        return super().open()


class Breaking(Transport):
    """A connection of which one part fails once, or for each record that says so."""

    def __init__(self, handler, inner):
        self.handler, self.inner = handler, inner

    def break_at(self, part):
        if self.handler.breaks == part:
            self.handler.breaks = None
            raise RuntimeError(part)

    def send(self, body):
        self.break_at("send")
        if b"odd" in body:
            raise RuntimeError("odd")
        return self.inner.send(body)

    def settle(self):
        self.break_at("settle")
        return self.inner.settle()

    def press(self, seconds):
        self.break_at("press")
        return self.inner.press(seconds)

    def check(self):
        self.break_at("check")
        self.inner.check()

    def is_connected(self):
        return self.inner.is_connected()

    def close(self, seconds):
        arrived = self.inner.close(seconds)
        self.break_at("close")
        return arrived


class OverBreaking(NdjsonHandler):
    breaks = None

    def open(self):
        return Breaking(self, super().open())


class Talking(Breaking):
    """A connection during whose flush somebody always logs another record."""

    def press(self, seconds):
        log.info("another")
        return super().press(seconds)


class InTalk(NdjsonHandler):
    breaks = None

    def open(self):
        return Talking(self, super().open())


def distinct(records):
    """What they say, each once: what was handed to a connection that broke comes again."""
    return list(dict.fromkeys(texts(records)))


class Survives(unittest.TestCase):
    def test_a_record_that_cannot_be_sent_costs_no_other(self):
        with LineServer() as server, contextlib.redirect_stderr(Words()) as words:
            handler = NdjsonHandler(server.endpoint)
            handler.setFormatter(Odd())
            with contextlib.closing(handler), logged(handler=handler):
                for text in ("record 0", "odd", "record 1", "odd too", "record 2"):
                    log.info(text)
                self.assertTrue(handler.flush(30))
                wait_until(lambda: len(server.records()) == 4, "the records, and the one that tells")
                self.assertEqual((handler.stats.dropped, handler.stats.sent), (2, 4))
        (*records, told) = server.records()
        self.assertEqual(texts(records), expected(3))
        self.assertEqual(told["dropped"], 2)
        self.assertEqual(told["message"], "2 records were dropped, because they could not be sent")
        self.assertEqual(words.text.count("\n"), 1, words.text)
        self.assertIn(f"distlog: {server.endpoint}: a record is dropped: TypeError: ", words.text)

    def test_a_formatter_that_fails_for_every_record(self):
        for fails in (False, True):
            with self.subTest(fails=fails), LineServer() as server, contextlib.redirect_stderr(Words()):
                handler = NdjsonHandler(server.endpoint)
                handler.setFormatter(Deaf(1, fails))
                with contextlib.closing(handler), logged(handler=handler):
                    for n in range(4):
                        log.info("record %d", n)
                    wait_until(lambda: len(server.records()) >= 2, "the record, and the one that tells")
                    # Time enough for the report to be reported.
                    time.sleep(0.2)
                    self.assertTrue(handler.flush(30))
                    self.assertEqual(handler.stats.dropped, 3)
                first, *told = server.records()
                self.assertEqual(first["message"], "record 0")
                self.assertEqual(sum(one["dropped"] for one in told), 3)
                self.assertLessEqual(len(told), 3)
                for one in told:
                    self.assertRegex(one["message"], "dropped, because (it|they) could not be sent$")

    def test_a_record_that_is_too_large_is_not_a_full_queue(self):
        for overflow in ("drop_new", "drop_old"):
            with self.subTest(overflow=overflow), LineServer() as server, contextlib.redirect_stderr(Words()) as words:
                server.stop()
                handler = NdjsonHandler(server.endpoint, max_bytes=10_000, overflow=overflow)
                with contextlib.closing(handler), logged(handler=handler):
                    log.info("record 0")
                    log.info("x" * 20_000)
                    log.info("record 1")
                    wait_until(lambda: handler.stats.dropped, "one to be dropped")
                    server.start()
                    wait_until(lambda: len(server.records()) == 3, "the others, and the one that tells")
                *records, told = server.records()
                self.assertEqual(texts(records), expected(2))
                self.assertEqual(told["message"], "1 record was dropped, because it could not be sent")
                self.assertRegex(words.text, "a record is dropped: ValueError: it has 4[0-9]* bytes, and max_bytes is 10000\n$")
                self.assertNotIn("the queue is full", words.text)

    def test_a_report_that_is_too_large_is_none(self):
        with LineServer() as server, contextlib.redirect_stderr(Words()):
            handler = NdjsonHandler(server.endpoint, max_bytes=10)
            with contextlib.closing(handler), logged(handler=handler):
                log.info("record 0")
                wait_until(lambda: handler.stats.dropped >= 2, "it and its report to be dropped")
                time.sleep(0.2)
                self.assertEqual(handler.stats.dropped, 2)
                self.assertTrue(handler.flush(30))

    def test_a_connection_that_cannot_be_opened_is_tried_again(self):
        with LineServer() as server, contextlib.redirect_stderr(Words()) as words:
            handler = Failing(server.endpoint)
            handler.failures = 3
            with contextlib.closing(handler), logged(handler=handler):
                for n in range(3):
                    log.info("record %d", n)
                self.assertTrue(handler.flush(30))
                wait_until(lambda: len(server.records()) == 3, "the records")
                self.assertEqual(handler.stats.dropped, 0)
        self.assertEqual(texts(server.records()), expected(3))
        self.assertEqual(
            words.text, f"distlog: {server.endpoint}: the connection has failed: RuntimeError: no way; trying again\n"
        )

    def test_whatever_part_of_a_connection_fails(self):
        for part in ("check", "send", "settle", "press", "close"):
            with self.subTest(part=part), LineServer() as server, contextlib.redirect_stderr(Words()) as words:
                handler = OverBreaking(server.endpoint)
                with contextlib.closing(handler), logged(handler=handler):
                    log.info("record 0")
                    self.assertTrue(handler.flush(30))
                    handler.breaks = part
                    log.info("record 1")
                    if part == "close":
                        # A connection that is lost is closed.
                        server.stop()
                        server.start()
                    wait_until(lambda: handler.flush(30) and handler.breaks is None, "it to be broken and mended")
                    log.info("record 2")
                    self.assertTrue(handler.flush(30))
                    self.assertEqual(handler.stats.dropped, 0)
                    wait_until(lambda: "record 2" in texts(server.records()), "the records")
                self.assertEqual(distinct(server.records()), expected(3))
                self.assertLessEqual(words.text.count("has failed"), 1, words.text)

    def test_a_record_that_no_connection_takes_is_dropped(self):
        with LineServer() as server, contextlib.redirect_stderr(Words()) as words:
            handler = OverBreaking(server.endpoint)
            with contextlib.closing(handler), logged(handler=handler):
                for text in ("record 0", "odd", "record 1", "record 2"):
                    log.info(text)
                self.assertTrue(handler.flush(30))
                wait_until(lambda: "record 2" in texts(server.records()), "the records")
                self.assertEqual(handler.stats.dropped, 1)
        found = distinct(server.records())
        self.assertEqual([text for text in found if "dropped" not in text], expected(3))
        self.assertIn("a record is dropped: RuntimeError: odd", words.text)

    def test_a_collector_that_reads_nothing(self):
        with socket.socket() as server, contextlib.redirect_stderr(Words()) as words:
            server.bind(("127.0.0.1", 0))
            server.listen()
            handler = NdjsonHandler("ndjson+tcp://127.0.0.1:%d" % server.getsockname()[1], flush_timeout=0.3)
            with logged(handler=handler):
                log.info("record 0")
                self.assertTrue(handler.flush(30))
            handler.close()
        said = "of 1 record it is not known at the end whether it arrived, 0 dropped in all"
        self.assertEqual(words.text, f"distlog: {handler.endpoint}: {said}\n")

    @unittest.skipUnless(hasattr(os, "fork"), "needs many descriptors")
    def test_descriptors_beyond_what_select_takes(self):
        code = """
import logging, os, resource, sys, time
from distlog import NdjsonHandler
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
opened = []
class Counting(NdjsonHandler):
    def open(self):
        opened.append(1)
        return super().open()
handler = Counting(sys.argv[1])
logging.basicConfig(level=logging.INFO, handlers=[handler])
for n in range(4000):
    logging.info("record %d", n, extra={"more": "x" * 2000})
print(handler.flush(60))
handler.close()
print(len(opened), handler.stats.dropped, handler.stats.resent)
"""
        with LineServer() as server:
            done = run_python(code, server.endpoint)
            self.assertEqual((done.stdout.decode().split(), done.stderr), (["True", "1", "0", "0"], b""))
            self.assertEqual(texts(server.records()), expected(4000))

    def test_a_flush_does_not_wait_for_what_is_logged_meanwhile(self):
        with LineServer() as server:
            handler = InTalk(server.endpoint)
            with contextlib.closing(handler), logged(handler=handler):
                for n in range(3):
                    log.info("record %d", n)
                    self.assertTrue(handler.flush(5))
                    wait_until(lambda: f"record {n}" in texts(server.records()), "what was logged before")

    def test_the_end_comes_though_nothing_goes(self):
        with LineServer() as server, contextlib.redirect_stderr(Words()) as words:
            handler = Failing(server.endpoint, flush_timeout=0.3)
            handler.failures = 1000
            with logged(handler=handler):
                log.info("record 0")
            began = time.monotonic()
            handler.close()
            self.assertLess(time.monotonic() - began, 20)
        self.assertIn("1 record not delivered at the end, 1 dropped in all", words.text)
        self.assertEqual(handler.stats.dropped, 1)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_process_has_troubles_of_its_own(self):
        with LineServer() as server, contextlib.redirect_stderr(Words()) as words:
            handler = Failing(server.endpoint)
            handler.failures = 1
            with contextlib.closing(handler), logged(handler=handler):
                log.info("record 0")
                self.assertTrue(handler.flush(30))
                told = words.text
                handler.failures = 1
                child = os.fork()
                if child == 0:
                    log.info("record 1")
                    handler.close()
                    # It tells again what the parent has told.
                    os._exit(0 if words.text == told * 2 else 1)
                self.assertEqual(os.waitpid(child, 0)[1], 0)
                wait_until(lambda: len(server.records()) == 2, "the record of the child")
        self.assertEqual(texts(server.records()), expected(2))


if __name__ == "__main__":
    unittest.main()
