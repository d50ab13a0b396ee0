#!/usr/bin/env python3
"""Runs the example shop and checks its log with a naive reader that shares no code with it.

    python3 tests/py/test_shop.py
"""

import collections
import itertools
import json
import math
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "examples" / "shop" / "run.py"
SERVICES = ("gateway", "orders", "payments", "worker")
KEY = re.compile(r"([0-9]+)@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/[1-9][0-9]*)*)")
REQUIRED = {
    "name": str, "levelname": str, "levelno": int, "message": str, "created": float, "hostname": str,
    "service": str, "process": int, "processName": str, "thread": int, "threadName": str,
    "pathname": str, "lineno": int, "funcName": str,
}
REQUESTS = 40


def run(*arguments, requests=REQUESTS):
    command = [sys.executable, str(RUN), "--requests", str(requests), "--concurrency", "8", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, cwd="/")


def refuse(constant):
    raise ValueError(f"{constant} is not JSON")


def strict_pairs(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError(f"a key stands twice: {pairs}")
    return dict(pairs)


def parse(lines):
    """The records of the lines, read as strictly as JSON allows."""
    return [json.loads(line, parse_constant=refuse, object_pairs_hook=strict_pairs) for line in lines]


def events_by_scope(records):
    """The boundaries that each scope logged, in the order they came."""
    events = collections.defaultdict(list)
    for record in records:
        if "dl" in record:
            events[record["context"]["key"].partition("@")[2]].append(record["dl"]["event"])
    return events


def parent(scope):
    return scope.rpartition("/")[0]


class Shop(unittest.TestCase):
    # What the services log with, and loggers that have to be found in each tree.
    log = "distlog"
    names = {"examples.shop.service", "http.server", "urllib.request"}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        out, report = Path(folder.name, "log"), Path(folder.name, "report")
        cls.done = run("--log", cls.log, "--out", str(out), "--report", str(report))
        cls.files = {path.stem: path.read_text("utf-8").splitlines() for path in out.iterdir()}
        cls.records = [record for lines in cls.files.values() for record in parse(lines)]
        cls.report = parse(report.read_text("utf-8").splitlines())
        cls.scopes = collections.defaultdict(list)
        for record in cls.records:
            if record["context"] is not None:
                seq, scope = KEY.fullmatch(record["context"]["key"]).groups()
                cls.scopes[scope].append((int(seq), record))
        for records in cls.scopes.values():
            records.sort(key=lambda pair: pair[0])

    def end(self, scope):
        return next(r for _, r in self.scopes[scope] if r.get("dl", {}).get("event") == "end")

    def tree(self, task):
        return [scope for scope in self.scopes if scope == task or scope.startswith(task + "/")]

    def culprits(self, task):
        """The failed scopes of a tree that no failed child explains: (service, message) of their ends."""
        failed = {scope for scope in self.tree(task) if self.end(scope)["dl"]["status"] == "failed"}
        deepest = failed - {parent(scope) for scope in failed}
        return sorted((self.end(scope)["service"], self.end(scope)["message"]) for scope in deepest)

    def tasks(self, kind):
        found = [row["task"] for row in self.report if row["kind"] == kind]
        self.assertTrue(found, f"no request of kind {kind!r}")
        return found

    def check(self, kind, status, services, *culprits):
        """Each tree of a kind: how its root ended, which processes it crosses, what explains it."""
        for task in self.tasks(kind):
            with self.subTest(kind=kind, task=task):
                self.assertEqual(self.end(task)["dl"]["status"], status)
                crossed = {r["service"] for scope in self.tree(task) for _, r in self.scopes[scope]}
                self.assertEqual(crossed, set(services))
                found = self.culprits(task)
                self.assertEqual(len(found), len(culprits), found)
                for (service, message), (wanted, pattern) in zip(found, culprits):
                    self.assertEqual(service, wanted)
                    self.assertRegex(message, pattern)

    def test_it_ends_as_planned(self):
        self.assertEqual((self.done.returncode, self.done.stdout), (0, b""), self.done.stderr)
        self.assertIn(b"shop: 40 requests in ", self.done.stderr)
        self.assertEqual([row["order"] for row in self.report], list(range(1, REQUESTS + 1)))
        for row in self.report:
            self.assertEqual(row["status"], row["planned"])

    def test_every_record_has_the_form(self):
        self.assertEqual(sorted(self.files), sorted(SERVICES))
        for record in self.records:
            for name, kind in REQUIRED.items():
                self.assertIs(type(record[name]), kind, name)
            self.assertTrue(math.isfinite(record["created"]))
            self.assertIn("context", record)
        for service, lines in self.files.items():
            self.assertEqual({(r["service"]) for r in parse(lines)}, {service})
        self.assertEqual(len({record["process"] for record in self.records}), 4)

    def test_every_scope_starts_and_ends_once(self):
        for scope, records in self.scopes.items():
            events = [r["dl"]["event"] for _, r in records if "dl" in r]
            self.assertEqual(events, ["start", "end"], scope)
            self.assertEqual(records[0][1]["dl"], {"event": "start"})
            last = records[-1][1]
            self.assertEqual(set(last["dl"]), {"event", "status", "duration"})
            self.assertGreaterEqual(last["dl"]["duration"], 0)
            goal = records[0][1]["message"]
            if last["dl"]["status"] == "succeeded":
                self.assertEqual((last["message"], last["levelname"]), (goal, "INFO"))
            else:
                self.assertEqual((last["dl"]["status"], last["levelname"]), ("failed", "ERROR"))
                self.assertRegex(last["message"], f"^FAILED {re.escape(goal)}: [A-Za-z]+: .")
                self.assertIn("Traceback (most recent call last)", last["exc_text"])

    def test_sequence_numbers_have_no_gap(self):
        for scope, records in self.scopes.items():
            self.assertEqual([seq for seq, _ in records], list(range(len(records))), scope)
            self.assertEqual(len({r["process"] for _, r in records}), 1, scope)

    def test_children_are_numbered_from_one_and_have_parents(self):
        children = collections.defaultdict(list)
        for scope in self.scopes:
            if parent(scope):
                self.assertIn(parent(scope), self.scopes)
                children[parent(scope)].append(int(scope.rpartition("/")[2]))
        for scope, numbers in children.items():
            self.assertEqual(sorted(numbers), list(range(1, len(numbers) + 1)), scope)

    def test_one_tree_per_request(self):
        roots = {scope for scope in self.scopes if not parent(scope)}
        self.assertEqual(roots, {row["task"] for row in self.report})
        self.assertEqual(len(roots), REQUESTS)
        for root in roots:
            self.assertEqual(self.end(root)["service"], "gateway")

    def test_failures_lie_where_they_happened(self):
        three = ("gateway", "orders", "payments")
        self.check("as usual", "succeeded", SERVICES)
        self.check("slow bank", "succeeded", SERVICES)
        self.check("slow warehouse", "succeeded", SERVICES)
        self.check("slow packing", "succeeded", SERVICES)
        self.check("bug in worker", "failed", SERVICES, ("worker", "garden gnome: KeyError: 'huge'"))
        self.check("receipt bounced afterwards", "succeeded", SERVICES, ("worker", "MailBounced: 550"))
        flaky = ("payments", "BankUnavailable: the bank closed")
        self.check("bank flaky, charged by retry", "succeeded", SERVICES, flaky)
        self.check("bank down", "failed", three, flaky, flaky, flaky)
        self.check("card declined", "failed", three, ("payments", "CardDeclined: insufficient funds"))
        self.check("ledger locked", "failed", three, ("payments", "OperationalError: database is locked"))
        self.check("payment timeout", "failed", three, ("orders", "RemoteFailure: payments did not answer within"))
        self.check("out of stock", "failed", ("gateway", "orders"), ("orders", "OutOfStock: no record player left"))

    def test_slow_requests_are_slow_and_say_where(self):
        for kind, goal in (
            ("slow bank", "ask the bank about card …3220"),
            ("slow warehouse", "reserve atlas"),
            ("slow packing", "wrap and close B3, B5, B3"),
        ):
            for task in self.tasks(kind):
                slow = [s for s in self.tree(task) if self.scopes[s][0][1]["message"] == goal]
                self.assertEqual(len(slow), 1)
                self.assertGreaterEqual(self.end(slow[0])["dl"]["duration"], 0.2)

    def test_other_libraries_log_inside_the_scope(self):
        for task in (row["task"] for row in self.report):
            names = {r["name"] for scope in self.tree(task) for _, r in self.scopes[scope]}
            self.assertLessEqual(self.names, names)

    def test_records_outside_of_any_request(self):
        outside = [(r["service"], r["message"]) for r in self.records if r["context"] is None]
        for service in SERVICES:
            for pattern in ("listens on", "stops: SIGTERM", "has stopped"):
                found = [message for name, message in outside if name == service and pattern in message]
                self.assertEqual(len(found), 1, (service, pattern))
            self.assertIn((service, f"{service} is alive"), outside)


class StdlibShop(Shop):
    """The same with the standard library alone."""

    log = "stdlib"
    names = {"scope", "http.server", "urllib.request"}


class Launcher(unittest.TestCase):
    def test_stdout_has_whole_lines_of_all_services(self):
        done = run(requests=12)
        self.assertEqual(done.returncode, 0, done.stderr)
        records = parse(done.stdout.decode("utf-8").splitlines())
        stopped = [r["service"] for r in records if r["message"].endswith(" has stopped")]
        self.assertEqual(sorted(stopped), sorted(SERVICES))

    def test_each_service_has_its_own_sink(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("--sink", f"cat > {folder}/{{service}}.copy", requests=3)
            self.assertEqual(done.returncode, 0, done.stderr)
            for service in SERVICES:
                records = parse(Path(folder, f"{service}.copy").read_text("utf-8").splitlines())
                self.assertEqual({r["service"] for r in records}, {service})
                self.assertEqual(records[-1]["message"], f"{service} has stopped")

    def test_the_same_seed_plans_the_same_orders(self):
        kinds = []
        for seed in ("3", "3", "4"):
            with tempfile.NamedTemporaryFile("r", encoding="utf-8") as report:
                self.assertEqual(run("--seed", seed, "--sink", "cat >&2", "--report", report.name).returncode, 0)
                kinds.append([row["kind"] for row in parse(report)])
        self.assertEqual(kinds[0], kinds[1])
        self.assertNotEqual(kinds[0], kinds[2])

    def test_a_failing_sink_is_a_failure(self):
        done = run("--sink", "cat >/dev/null; exit 9", requests=1)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"shop: sink of worker ended with status 9", done.stderr)

    def test_a_reader_that_leaves_does_not_stop_the_shop(self):
        done = run("--sink", "true", requests=12)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count(b"shoplog: the reader of the log has left"), 4)

    def test_interrupted_it_still_ends_what_it_began(self):
        command = [sys.executable, str(RUN), "--requests", "5000"]
        with tempfile.TemporaryFile() as stderr:
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr) as shop:
                lines = list(itertools.islice(shop.stdout, 500))
                shop.send_signal(signal.SIGINT)
                lines += shop.stdout
            stderr.seek(0)
            words = stderr.read()
        self.assertEqual(shop.returncode, 1, words)
        self.assertTrue(words.endswith(b"shop: interrupted\n"), words)
        events = events_by_scope(parse(lines))
        self.assertLess(sum("/" not in scope for scope in events), 5000)
        self.assertEqual({scope: found for scope, found in events.items() if found != ["start", "end"]}, {})

    def test_services_send_by_themselves(self):
        received = []

        def take(listener):
            for _ in SERVICES:
                connection, _ = listener.accept()
                thread = threading.Thread(target=read, args=(connection,))
                thread.start()
                threads.append(thread)

        def read(connection):
            with connection, connection.makefile("rb") as stream:
                received.extend(stream)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            threads = [threading.Thread(target=take, args=(listener,))]
            threads[0].start()
            done = run("--collector", f"ndjson+tcp://127.0.0.1:{listener.getsockname()[1]}", requests=12)
            for thread in threads:
                thread.join()
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        records = parse(received)
        stopped = [r["service"] for r in records if r["message"].endswith(" has stopped")]
        self.assertEqual(sorted(stopped), sorted(SERVICES))
        self.assertEqual(set(map(tuple, events_by_scope(records).values())), {("start", "end")})

    def test_wrong_usage(self):
        self.assertEqual(run("--log", "stdlib", "--collector", "ndjson+tcp://127.0.0.1:9").returncode, 2)
        self.assertEqual(run("--log", "stdlib", "--levels", "ndjson+tcp://127.0.0.1:9").returncode, 2)
        self.assertEqual(run("--concurrency", "0").returncode, 2)


class Service(unittest.TestCase):
    def test_it_ends_what_it_began_before_it_stops(self):
        order = {"order": 30, "items": ["teapot", "teapot"], "mail": "ada@shop.example"}
        command = [sys.executable, "-m", "examples.shop.worker", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as worker, ThreadPoolExecutor() as pool:
            lines = [worker.stdout.readline()]
            address = parse(lines)[0]["message"].rpartition(" ")[2]
            url = f"http://{address}/parcels"
            answer = pool.submit(urllib.request.urlopen, url, json.dumps(order).encode(), 60)
            for line in worker.stdout:
                lines.append(line)
                if b"wrapping twice" in line:
                    worker.send_signal(signal.SIGTERM)
            with answer.result() as response:
                self.assertEqual((response.status, json.load(response)), (201, {"parcel": "P00030-B3"}))
            records = parse(lines)
        self.assertEqual(worker.returncode, 0)
        self.assertEqual(records[-1]["message"], "worker has stopped")
        self.assertEqual(set(map(tuple, events_by_scope(records).values())), {("start", "end")})
        messages = [record["message"] for record in records]
        self.assertLess(messages.index("worker stops: SIGTERM"), messages.index("parcel P00030-B3 is ready"))


if __name__ == "__main__":
    unittest.main()
