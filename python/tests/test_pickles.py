"""Records as pickles."""

import contextlib
import logging
import logging.handlers
import pickle
import unittest
import uuid

from distlog import JSONFormatter, PickleFormatter, ScopeFilter, task

from support import Collector, Records, logged, parse

log = logging.getLogger("tests.pickles")


class Kept(logging.Handler):
    """Keeps records as they come."""

    def __init__(self):
        super().__init__()
        self.addFilter(ScopeFilter())
        self.kept = []

    def emit(self, record):
        self.kept.append(record)


class Pickles(unittest.TestCase):
    def test_what_is_pickled_is_what_was_logged(self):
        with logged(handler=Records(PickleFormatter())) as out:
            with task("x", when=uuid.UUID(int=1)):
                log.info("n %d", 1, extra={"odd": {1, 2}})
        start, record, end = map(pickle.loads, out.lines)
        self.assertEqual((record["odd"], record["message"]), ({1, 2}, "n 1"))
        self.assertIs(type(record["context"]), dict)
        self.assertEqual(record["context"]["when"], uuid.UUID(int=1))
        self.assertEqual(end["dl"]["status"], "succeeded")
        self.assertEqual({line[:2] for line in out.lines}, {b"\x80\x02"})

    def test_what_cannot_be_pickled_becomes_plain(self):
        with logged(handler=Records(PickleFormatter())) as out:
            log.info("x", extra={"odd": lambda: 1, "fine": {3}})
        (record,) = map(pickle.loads, out.lines)
        self.assertIn("$global", record["odd"])
        self.assertEqual(record["fine"], {3})

    def test_a_context_that_is_no_scope_is_kept(self):
        for context in ("a text", ["a", "list"], 5, {"a": 1}, None):
            with logged(handler=Records(PickleFormatter())) as out:
                log.info("x", extra={"context": context})
            self.assertEqual([pickle.loads(line)["context"] for line in out.lines], [context])

    def test_what_other_handlers_pickle_needs_nothing_of_this_package(self):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with logged(handler=Kept()) as out, task("x", amount=3):
                log.info("inside")
            bodies = [pickle.dumps(record.__dict__, protocol) for record in out.kept]
            self.assertNotIn(b"distlog.context", b"".join(bodies))
            read = [pickle.loads(body) for body in bodies]
            self.assertEqual([record["context"] for record in read], [record.context for record in out.kept])
            # A record that comes out of a queue between processes keeps the scope that it was logged in.
            with task("another"):
                lines = [JSONFormatter().encode(logging.makeLogRecord(record)) for record in read]
            self.assertEqual([parse(line)["context"] for line in lines], [record["context"] for record in read])

    def test_our_own_programs_read_the_scope_in_what_socket_handlers_send(self):
        for scheme, make in (
            ("pylog+tcp", logging.handlers.SocketHandler),
            ("pylog+udp", logging.handlers.DatagramHandler),
        ):
            with self.subTest(scheme=scheme), Collector(f"{scheme}://127.0.0.1:0") as collector:
                port = int(collector.endpoint.rpartition(":")[2])
                with contextlib.closing(make("127.0.0.1", port)) as handler, logged(handler=handler):
                    handler.addFilter(ScopeFilter())
                    with task("x", amount=3):
                        log.info("inside")
                collector.wait_for(3)
                start, record, end = collector.records()
                self.assertEqual(record["context"]["amount"], 3)
                tree = start["context"]["key"].partition("@")[2]
                self.assertEqual([r["context"]["key"] for r in (start, record, end)], [f"{n}@{tree}" for n in range(3)])


if __name__ == "__main__":
    unittest.main()
