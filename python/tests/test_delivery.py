"""What is logged arrives at dl-recv, once and in order, also if that comes late or is killed."""

import collections
import contextlib
import json
import logging
import logging.config
import signal
import sqlite3
import tempfile
import unittest

from distlog import NdjsonHandler, PickleFormatter, ZmqHandler, task

from support import Collector, expected, logged, once, texts, wait_until

log = logging.getLogger("tests.delivery")


class ToDlRecv(unittest.TestCase):
    def test_all_arrive_in_order(self):
        with tempfile.TemporaryDirectory() as folder:
            for endpoint in ("tcp://127.0.0.1:0", f"ipc://{folder}/distlog.sock"):
                with self.subTest(endpoint=endpoint), Collector(endpoint) as collector:
                    with contextlib.closing(ZmqHandler(collector.endpoint, system="T")) as handler, logged(handler=handler):
                        for n in range(5000):
                            log.info("record %d", n)
                        self.assertTrue(handler.flush(30))
                    self.assertEqual(handler.stats[:4], (5000, 5000, 0, 0))
                    collector.wait_for(5000)
                    collector.stop()
                    records = collector.records()
                    self.assertEqual(texts(records), expected(5000))
                    self.assertEqual({r["dl"]["recv"]["topic"] for r in records}, {"TLJ"})
                    self.assertEqual(collector.ledger, [(5000, 5000, 0, 0)])
                    ids = [r["record_id"].partition("-") for r in records]
                    self.assertEqual([int(i[2]) for i in ids], list(range(1, 5001)))
                    self.assertEqual(len({i[0] for i in ids}), 1)

    def test_all_arrive_as_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            for endpoint in ("ndjson+tcp://127.0.0.1:0", f"ndjson+unix://{folder}/lines.sock"):
                with self.subTest(endpoint=endpoint), Collector(endpoint) as collector:
                    with contextlib.closing(NdjsonHandler(collector.endpoint)) as handler, logged(handler=handler):
                        for n in range(5000):
                            log.info("record %d", n)
                    collector.wait_for(5000)
                    collector.stop()
                    self.assertEqual(texts(collector.records()), expected(5000))
                    self.assertEqual(collector.ledger, [(5000, 5000, 0, 0)])

    def test_pickles_arrive_as_records(self):
        with Collector() as collector:
            handler = ZmqHandler(collector.endpoint)
            handler.setFormatter(PickleFormatter())
            with contextlib.closing(handler), logged(handler=handler), task("x", odd={1, 2}):
                log.info("record %d", 0, extra={"more": b"\xff"})
            collector.wait_for(3)
            collector.stop()
            start, record, end = collector.records()
        self.assertEqual((record["more"], record["context"]["odd"]), ({"$bytes": "/w=="}, [1, 2]))
        self.assertEqual((start["dl"]["event"], end["dl"]["status"]), ("start", "succeeded"))
        self.assertEqual(record["dl"]["recv"]["topic"], "PLP")

    def test_dictConfig(self):
        with Collector() as collector:
            logging.config.dictConfig({
                "version": 1,
                "disable_existing_loggers": False,
                "formatters": {"distlog": {"()": "distlog.JSONFormatter", "service": "shop"}},
                "filters": {"scope": {"()": "distlog.ScopeFilter"}},
                "handlers": {"collector": {
                    "class": "distlog.ZmqHandler", "endpoint": collector.endpoint, "system": "S",
                    "capacity": 100, "formatter": "distlog", "filters": ["scope"], "level": "INFO"}},
                "loggers": {"tests.dict": {"handlers": ["collector"], "level": "DEBUG", "propagate": False}},
            })
            logger = logging.getLogger("tests.dict")
            with task("configured"):
                logger.debug("too low")
                logger.info("record %d", 0)
            (handler,) = logger.handlers
            handler.close()
            logger.handlers.clear()
            collector.wait_for(1)
            collector.stop()
            (record,) = collector.records()
        self.assertEqual((record["service"], record["dl"]["recv"]["topic"]), ("shop", "SLJ"))
        self.assertRegex(record["context"]["key"], "^[0-9]+@")

    def test_a_collector_that_comes_later(self):
        with Collector() as collector:
            collector.stop()
            with contextlib.closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
                for n in range(2000):
                    log.info("record %d", n)
                self.assertFalse(handler.flush(0.2))
                self.assertEqual(handler.stats.sent, 0)
                collector.start()
                self.assertTrue(handler.flush(30))
            collector.wait_for(2000)
            collector.stop()
            self.assertEqual(texts(collector.records()), expected(2000))

    def test_a_flush_that_is_over_ends_no_other_connection(self):
        with Collector() as collector:
            with contextlib.closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
                opened = []
                usual = handler.open
                handler.open = lambda: opened.append(1) or usual()
                for n in range(5):
                    log.info("record %d", n)
                    if n == 0:
                        self.assertTrue(handler.flush(60))
                    collector.wait_for(n + 1)
                    wait_until(lambda: handler._is_settled, "the sender to be done")
                self.assertEqual(len(opened), 2)
            collector.stop()

    def test_a_collector_that_is_killed_twice(self):
        with Collector() as collector:
            with contextlib.closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
                for n in range(6000):
                    log.info("record %d", n)
                    if n in (2000, 4000):
                        collector.wait_for(1)
                        collector.stop(signal.SIGKILL)
                        # What a killed program has written of a line is no line.
                        whole = collector.out.read_bytes()
                        collector.out.write_bytes(whole[: whole.rfind(b"\n") + 1])
                        collector.start()
                self.assertTrue(handler.flush(30))
                stats = handler.stats
            wait_until(lambda: len(once(collector.records())) >= 6000, "all records")
            collector.stop()
            records = collector.records()
        self.assertEqual((stats.accepted, stats.sent, stats.dropped), (6000, 6000, 0))
        self.assertEqual(sorted(texts(once(records)), key=lambda text: int(text.split()[1])), expected(6000))
        copies = collections.defaultdict(set)
        for record in records:
            copies[record["record_id"]].add(record["message"])
        self.assertEqual({len(found) for found in copies.values()}, {1})

    def test_what_is_sent_again_is_once_in_a_database(self):
        with tempfile.TemporaryDirectory() as folder:
            database = f"{folder}/logs.db"

            def rows():
                with contextlib.closing(sqlite3.connect(database)) as there:
                    return [json.loads(row) for (row,) in there.execute("SELECT record FROM records ORDER BY rowid")]

            with Collector(out=f"sqlite:{database}") as collector:
                with contextlib.closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
                    for n in range(100):
                        log.info("record %d", n)
                    wait_until(lambda: len(rows()) == 100, "100 rows")
                    collector.stop(signal.SIGKILL)
                    collector.start()
                    log.info("record %d", 100)
                    wait_until(lambda: len(rows()) > 100, "a row of the second run")
                words = collector.stop()
            self.assertEqual(texts(rows()), expected(101))
        self.assertIn("100 records there already", words)


if __name__ == "__main__":
    unittest.main()
