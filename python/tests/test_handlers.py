"""Handlers: what is logged arrives, once, in order; what does not fit is counted; nothing waits."""

import base64
import collections
import contextlib
import io
import json
import logging
import logging.config
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import zmq

from distlog import JSONFormatter, NdjsonHandler, PickleFormatter, ZmqHandler, task

from support import Collector, PYTHON, logged, parse, run_python, wait_until

NOWHERE = "tcp://127.0.0.1:9"
log = logging.getLogger("tests.handlers")


class LineServer:
    """A collector of lines, of plain Python: what a stream handler is tested against."""

    def __init__(self, address=None, family=socket.AF_INET):
        self.family, self.address = family, address or ("127.0.0.1", 0)
        self.received = b""
        self.threads, self.connections = [], []
        self.open = False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        if self.family == socket.AF_UNIX:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.address)
        self.socket = socket.socket(self.family, socket.SOCK_STREAM)
        if self.family == socket.AF_INET:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.address)
        self.address = self.socket.getsockname()
        self.socket.listen()
        self.open = True
        thread = threading.Thread(target=self.accept, args=(self.socket,))
        thread.start()
        self.threads.append(thread)

    @property
    def endpoint(self):
        if self.family == socket.AF_UNIX:
            return f"ndjson+unix://{self.address}"
        return f"ndjson+tcp://127.0.0.1:{self.address[1]}"

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            thread = threading.Thread(target=self.read, args=(connection,))
            thread.start()
            self.threads.append(thread)

    def read(self, connection):
        pieces = []
        with connection, contextlib.suppress(OSError):
            while True:
                piece = connection.recv(1 << 16)
                if not piece:
                    break
                self.received += piece
        del pieces

    def stop(self):
        """Closes everything; what is under way is lost, as when a process is killed."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.threads, self.connections = [], []
        self.open = False

    def records(self):
        return [parse(line) for line in self.received.splitlines()]


def closing(handler):
    return contextlib.closing(handler)


def texts(records):
    return [r["message"] for r in records]


def curve_keys(folder):
    """The server's public key, the keys of a client that it knows, and the flags of dl-recv for both."""
    (server, server_secret), (public, secret) = ((key.decode() for key in zmq.curve_keypair()) for _ in "12")
    key, allow = Path(folder, "collector.key_secret"), Path(folder, "clients")
    key.write_text(f"{server_secret}\n")
    allow.write_text(f"{public} shop of the tests\n")
    curve = {"server": server, "public": public, "secret": secret}
    return server, curve, ["--curve-key", str(key), "--curve-allow", str(allow)]


def expected(count):
    return [f"record {n}" for n in range(count)]


def once(records):
    """The records, each once: one that came twice has its id twice."""
    seen, found = set(), []
    for record in records:
        if record["record_id"] not in seen:
            seen.add(record["record_id"])
            found.append(record)
    return found


class ToDlRecv(unittest.TestCase):
    def test_all_arrive_in_order(self):
        with tempfile.TemporaryDirectory() as folder:
            for endpoint in ("tcp://127.0.0.1:0", f"ipc://{folder}/distlog.sock"):
                with self.subTest(endpoint=endpoint), Collector(endpoint) as collector:
                    with closing(ZmqHandler(collector.endpoint, system="T")) as handler, logged(handler=handler):
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
                    with closing(NdjsonHandler(collector.endpoint)) as handler, logged(handler=handler):
                        for n in range(5000):
                            log.info("record %d", n)
                    collector.wait_for(5000)
                    collector.stop()
                    self.assertEqual(texts(collector.records()), expected(5000))
                    self.assertEqual(collector.ledger, [(5000, 5000, 0, 0)])

    def test_curve_lets_those_in_that_are_known(self):
        with tempfile.TemporaryDirectory() as folder:
            server, curve, flags = curve_keys(folder)
            with Collector(flags=flags) as collector:
                handler = ZmqHandler(collector.endpoint, curve=curve)
                with closing(handler), logged(handler=handler):
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
                        with closing(handler), logged(handler=handler):
                            log.info("record %d", 0)
                            self.assertFalse(handler.flush(1))
                    self.assertEqual(handler.stats.sent, 0)
                    collector.wait_for_words(reason)
                    collector.stop()
                    self.assertEqual(collector.ledger, [(0, 0, 0, 0)])

    def test_pickles_arrive_as_records(self):
        with Collector() as collector:
            handler = ZmqHandler(collector.endpoint)
            handler.setFormatter(PickleFormatter())
            with closing(handler), logged(handler=handler), task("x", odd={1, 2}):
                log.info("record %d", 0, extra={"more": b"\xff"})
            collector.wait_for(3)
            collector.stop()
            start, record, end = collector.records()
        self.assertEqual((record["more"], record["context"]["odd"]), ({"$bytes": "/w=="}, [1, 2]))
        self.assertEqual((start["dl"]["event"], end["dl"]["status"]), ("start", "succeeded"))
        self.assertEqual(record["dl"]["recv"]["topic"], "PLP")

    def test_a_collector_that_comes_later(self):
        with Collector() as collector:
            collector.stop()
            with closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
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
            with closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
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
            with closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
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
import logging, multiprocessing, os, sys
from distlog import ZmqHandler, task, to
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


class Bounds(unittest.TestCase):
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
                with closing(handler), logged(handler=handler):
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
            with closing(handler), logged(handler=handler):
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
        self.assertEqual(words, f"distlog: {NOWHERE}: 5 records not delivered at the end, 5 dropped in all\n")
        with contextlib.redirect_stderr(Words()) as late, logged(handler=handler):
            log.info("too late")
        self.assertIn("a record came after the handler was closed", late.text)
        self.assertEqual(handler.stats.dropped, 6)

    def test_a_collector_that_hangs_holds_nobody_up(self):
        """Stopped, it takes what the buffers of the system hold; the rest waits in the queue."""
        with Collector() as collector:
            with closing(ZmqHandler(collector.endpoint)) as handler, logged(handler=handler):
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


class Words:
    """A stderr that keeps what is written, from any thread."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


class Spooled(unittest.TestCase):
    CODE = """
import logging, sys
from distlog import NdjsonHandler
handler = NdjsonHandler(sys.argv[1], capacity=50, spool=sys.argv[2], flush_timeout=float(sys.argv[5]))
logging.basicConfig(level=logging.DEBUG, handlers=[handler])
for n in range(int(sys.argv[3]), int(sys.argv[4])):
    logging.info("record %d", n)
"""

    def test_what_one_process_leaves_the_next_one_sends(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "spool.ndjson")
            with LineServer() as server:
                server.stop()
                done = run_python(self.CODE, server.endpoint, file, 0, 500, 0.1)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertEqual(texts(map(parse, file.read_bytes().splitlines())), expected(500))
                server.start()
                done = run_python(self.CODE, server.endpoint, file, 500, 600, 30)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertEqual(texts(server.records()), expected(600))
                self.assertEqual(file.read_bytes(), b"")

    def test_a_line_that_was_cut_off_is_left_out(self):
        with tempfile.TemporaryDirectory() as folder, LineServer() as server:
            file = Path(folder, "spool.ndjson")
            file.write_bytes(b'{"message":"record 0"}\n{"message":"rec')
            done = run_python(self.CODE, server.endpoint, file, 1, 3, 30)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(texts(server.records()), expected(3))

    def test_two_processes_have_two_files(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(Words()):
            handlers = [
                NdjsonHandler("tcp://127.0.0.1:9", spool=str(Path(folder, "s")), capacity=1, flush_timeout=0.1)
                for _ in range(2)
            ]
            for number, handler in enumerate(handlers):
                for _ in range(3):
                    handler.handle(logging.makeLogRecord({"msg": f"record {number}"}))
            for handler in handlers:
                handler.close()
            self.assertEqual(sorted(os.listdir(folder)), ["s", "s.1"])
            lines = b"".join(Path(folder, name).read_bytes() for name in os.listdir(folder))
        self.assertEqual(sorted(texts(map(parse, lines.splitlines()))), ["record 0"] * 3 + ["record 1"] * 3)


class ToAnyServer(unittest.TestCase):
    def test_all_arrive_over_tcp_and_unix_sockets(self):
        with tempfile.TemporaryDirectory() as folder:
            for server in (LineServer(), LineServer(f"{folder}/s", socket.AF_UNIX)):
                with self.subTest(server=server.family), server:
                    with closing(NdjsonHandler(server.endpoint)) as handler, logged(handler=handler):
                        for n in range(3000):
                            log.info("record %d", n)
                    self.assertEqual(handler.stats[:4], (3000, 3000, 0, 0))
                    # The handler's end waits until the server has read everything.
                    self.assertEqual(texts(server.records()), expected(3000))

    def test_a_server_that_comes_later_and_is_killed(self):
        with LineServer() as server:
            server.stop()
            with closing(NdjsonHandler(server.endpoint)) as handler, logged(handler=handler):
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
            with closing(NdjsonHandler(server.endpoint, resend=0)) as handler, logged(handler=handler):
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


class Usage(unittest.TestCase):
    def test_what_is_wrong_is_said_at_once(self):
        for make in (
            lambda: ZmqHandler(NOWHERE, system="TS"),
            lambda: ZmqHandler(NOWHERE, system=""),
            lambda: ZmqHandler("http://x"),
            lambda: ZmqHandler(NOWHERE, overflow="explode"),
            lambda: ZmqHandler(NOWHERE, capacity=0),
            lambda: NdjsonHandler("ndjson+tcp://host"),
            lambda: NdjsonHandler("ndjson+tcp://host:99999"),
            lambda: NdjsonHandler("/a/path"),
        ):
            with self.assertRaises(ValueError):
                make()
        with self.assertRaises(TypeError):
            ZmqHandler(NOWHERE).setFormatter(logging.Formatter())
        with self.assertRaises(TypeError):
            NdjsonHandler("tcp://127.0.0.1:9").setFormatter(PickleFormatter())

    def test_nothing_but_the_standard_library_is_needed(self):
        code = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "zmq":
            raise ImportError(name)
sys.meta_path.insert(0, Nothing())
import distlog, distlog.middleware
try:
    distlog.ZmqHandler("tcp://127.0.0.1:9")
except ImportError as error:
    print(error)
"""
        done = run_python(code)
        self.assertEqual((done.returncode, done.stdout), (0, b"ZmqHandler needs pyzmq: pip install distlog[zmq]\n"))


if __name__ == "__main__":
    unittest.main()
