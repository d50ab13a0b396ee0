"""The queue: what does not fit is counted and told, and nobody waits longer than asked for."""

import contextlib
import logging
import signal
import time
import unittest

from distlog import ZmqHandler

from support import Collector, NOWHERE, Words, expected, logged, parse, texts, wait_until

log = logging.getLogger("tests.queue")


class Queue(unittest.TestCase):
    def fill(self, count, **options):
        handler = ZmqHandler(NOWHERE, flush_timeout=0.1, **options)
        with logged(handler=handler):
            for n in range(count):
                log.info("record %d", n)
        return handler

    def close(self, handler):
        with contextlib.redirect_stderr(Words()) as words:
            handler.close()
        return words.text

    def test_what_does_not_fit_is_counted_and_told(self):
        with Collector() as collector:
            collector.stop()
            with contextlib.redirect_stderr(Words()) as words:
                handler = ZmqHandler(collector.endpoint, capacity=100)
                with contextlib.closing(handler), logged(handler=handler):
                    for n in range(1000):
                        log.info("record %d", n)
                    self.assertEqual(handler.stats.dropped, 900)
                    self.assertEqual(handler.stats.queued, 100)
                    wait_until(lambda: words.text, "the first words")
                    collector.start()
                    collector.wait_for(101)
                    log.info("there is room")
                collector.wait_for(102)
            collector.stop()
            records = collector.records()
        self.assertEqual(texts(records[:100]), expected(100))
        (report,) = [r for r in records if "dropped" in r]
        self.assertEqual((report["dropped"], report["levelname"]), (900, "WARNING"))
        self.assertEqual(report["message"], "900 records were dropped, because the queue was full")
        self.assertEqual(words.text.count("\n"), 1, words.text)
        self.assertIn(f"distlog: {collector.endpoint}: the queue is full, records are dropped", words.text)

    def test_what_a_dropped_report_has_told_is_told_by_another(self):
        for policy in ("drop_new", "drop_old"):
            with self.subTest(policy=policy), Collector() as collector:
                with contextlib.redirect_stderr(Words()):
                    handler = ZmqHandler(collector.endpoint, capacity=100, overflow=policy)
                    with contextlib.closing(handler), logged(handler=handler):
                        report = handler._report

                        def crowded(*what):
                            # As if callers had come first: there was room, and is none when the report comes.
                            if handler._crowd:
                                handler._crowd -= 1
                                for n in range(100):
                                    log.info("crowd")
                                told = report(*what)
                                for n in range(100):
                                    log.info("crowd")
                                return told
                            return report(*what)

                        handler._crowd = 3
                        handler._report = crowded
                        for n in range(1000):
                            log.info("record %d", n)
                        wait_until(lambda: not handler._crowd and handler.flush(30), "the reports and the crowd")
                        wait_until(lambda: handler._reported == handler.stats.dropped, "all to be told")
                        self.assertTrue(handler.flush(30))
                        dropped = handler.stats.dropped
                collector.stop()
                records = collector.records()
                self.assertEqual(sum(r.get("dropped", 0) for r in records), dropped)
                self.assertEqual(handler.stats.accepted, dropped + len(records))

    def test_the_newest_or_the_oldest_go(self):
        for policy in ("drop_new", "drop_old"):
            with self.subTest(policy=policy):
                with contextlib.redirect_stderr(Words()):
                    handler = self.fill(1000, capacity=100, overflow=policy)
                    wait_until(lambda: not handler._queue, "the sender to take all")
                    stats = handler.stats
                    # One more may be on its way from the queue to the sender when room is looked for.
                    self.assertIn(stats.queued, (100, 101))
                    self.assertEqual(stats.queued + stats.dropped, 1000)
                    kept = [parse(body)["message"] for body in handler._backlog.waiting]
                    if policy == "drop_new":
                        self.assertEqual(kept[:100], expected(100))
                    else:
                        self.assertEqual(kept, expected(1000)[900:])
                    handler.close()

    def test_bytes_are_bounded(self):
        with contextlib.redirect_stderr(Words()):
            handler = self.fill(1000, max_bytes=50_000)
            wait_until(lambda: not handler._queue, "the sender to count")
            self.assertLessEqual(handler._backlog.bytes, 50_000)
            self.assertGreater(handler.stats.dropped, 800)
            stats = handler.stats
            self.assertEqual(stats.accepted, stats.queued + stats.dropped)
            handler.close()

    def test_block_waits_so_long_and_no_longer(self):
        with contextlib.redirect_stderr(Words()):
            began = time.monotonic()
            handler = self.fill(13, capacity=10, overflow="block", block_seconds=0.1)
            self.assertGreaterEqual(time.monotonic() - began, 0.3)
            self.assertEqual(handler.stats.dropped, 3)
            handler.close()
        with Collector() as collector:
            handler = ZmqHandler(collector.endpoint, capacity=10, overflow="block", block_seconds=30)
            with contextlib.closing(handler), logged(handler=handler):
                for n in range(2000):
                    log.info("record %d", n)
            collector.wait_for(2000)
            collector.stop()
            self.assertEqual(texts(collector.records()), expected(2000))

    def test_the_end_is_not_waited_for_in_vain_for_ever(self):
        handler = self.fill(5)
        began = time.monotonic()
        words = self.close(handler)
        self.assertLess(time.monotonic() - began, 30)
        said = "5 records not delivered at the end, 5 dropped in all; nobody was connected there"
        self.assertEqual(words, f"distlog: {NOWHERE}: {said}\n")
        with contextlib.redirect_stderr(Words()) as late, logged(handler=handler):
            log.info("too late")
        self.assertIn("a record came after the handler was closed", late.text)
        self.assertEqual(handler.stats.dropped, 6)

    def test_a_collector_that_hangs_holds_nobody_up(self):
        """Stopped, it takes what the buffers of the system hold; the rest waits in the queue."""
        with Collector() as collector:
            with contextlib.closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
                log.info("record %d", 0)
                self.assertTrue(handler.flush(30))
                collector.process.send_signal(signal.SIGSTOP)
                try:
                    padding = "x" * 8000
                    for n in range(1, 4000):
                        log.info("record %d", n, extra={"padding": padding})
                    self.assertFalse(handler.flush(0.1))
                    self.assertGreater(handler.stats.queued, 100)
                finally:
                    collector.process.send_signal(signal.SIGCONT)
                self.assertTrue(handler.flush(60))
            collector.wait_for(4000)
            collector.stop()
            self.assertEqual(texts(collector.records()), expected(4000))


if __name__ == "__main__":
    unittest.main()
