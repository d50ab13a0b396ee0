"""What dl-tree makes of a real load is what happened, as the program wrote down on the side.

A threaded WSGI application, an asyncio service and a pool of forked workers, five processes; requests run at the
same time. DISTLOG_REQUESTS says how many; 300 by default, to be quick.
"""

import collections
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import Collector, PYTHON, nodes_of, trees_of, wait_until

HERE = Path(__file__).resolve().parent
REQUESTS = int(os.environ.get("DISTLOG_REQUESTS", 300))


class Shop:
    """The processes of load.py."""

    def __init__(self, collector, kill_at=-1):
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name, "truth")
        self.processes = []
        aio = self.start("aio", collector)
        worker = self.start("worker", collector, kill_at)
        self.port = self.start("web", collector, aio, worker)

    def start(self, role, collector, *arguments):
        environment = {**os.environ, "PYTHONPATH": str(PYTHON)}
        command = [sys.executable, str(HERE / "load.py"), role, collector, str(self.file), *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        self.processes.append(process)
        return int(process.stdout.readline())

    def order(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("POST", f"/orders/{number}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return number, answer.status

    def truth(self):
        return [json.loads(line) for line in self.file.read_bytes().splitlines()]

    def open_goals(self):
        count = collections.Counter()
        for note in self.truth():
            count[note["path"]] += 1 if note["event"] == "start" else -1
        return sorted(path for path, number in count.items() if number)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(120)
            process.stdout.close()


def told_by(notes):
    """The truth: for each tree its scopes, with status, number of records and process."""
    trees = collections.defaultdict(dict)
    for note in notes:
        tree = trees[note["path"].partition(">")[0]]
        if note["event"] == "start":
            tree[note["path"]] = ["running", None, note["pid"]]
        else:
            tree[note["path"]][:2] = note["status"], note["records"]
    return dict(trees)


def found_in(trees):
    """The same, as dl-tree has it."""
    found = {}
    for tree in trees.values():
        scopes = {}
        waiting = [(tree["root"], "")]
        while waiting:
            node, above = waiting.pop()
            path = f"{above}>{node['name']}" if above else node["name"]
            assert path not in scopes, path
            scopes[path] = [node["status"], len(node["records"]), int(node["process"].rpartition(":")[2])]
            waiting.extend((child, path) for child in node["children"])
        found[tree["root"]["name"]] = scopes
    return found


class Truth(unittest.TestCase):
    maxDiff = 2000

    def run_shop(self, collector, requests, kill_at=-1):
        shop = Shop(collector.endpoint, kill_at)
        self.addCleanup(shop.folder.cleanup)
        try:
            with ThreadPoolExecutor(50) as pool:
                answers = dict(pool.map(shop.order, range(1, requests + 1)))
            # Some goals outlive their request.
            left = 2 if kill_at > 0 else 0
            wait_until(lambda: len(shop.open_goals()) == left, "the last goals")
        finally:
            shop.stop()
        collector.stop()
        return shop, answers

    def test_every_tree_is_as_it_was(self):
        with Collector() as collector:
            shop, answers = self.run_shop(collector, REQUESTS)
            lines = collector.lines()
        truth = told_by(shop.truth())
        self.assertEqual(len(truth), REQUESTS)
        for order, status in answers.items():
            self.assertEqual(status, 503 if order % 7 == 0 or order % 11 == 0 else 200)
        trees = trees_of(lines)
        self.assertEqual(len(trees), REQUESTS)
        found = found_in(trees)
        for name, scopes in truth.items():
            self.assertEqual(found.get(name), scopes)
        self.assertEqual(sorted(found), sorted(truth))
        # In = out: what the goals say that they logged, and what the collector says that it wrote.
        logged = sum(records for scopes in truth.values() for _, records, _ in scopes.values())
        self.assertEqual(collector.ledger, [(logged, logged, 0, 0)])
        self.assertEqual(len(lines), logged)
        self.assertGreaterEqual(len({pid for scopes in truth.values() for _, _, pid in scopes.values()}), 4)
        for tree in trees.values():
            self.assertTrue(tree["complete"], tree["tree"])
            self.assertFalse([n for n in nodes_of(tree) if n.get("flags")])

    def test_a_killed_process_leaves_what_it_did_running(self):
        requests = max(100, REQUESTS // 5)
        killed = requests // 2
        while killed % 7 == 0 or killed % 11 == 0:
            killed += 1
        with Collector() as collector:
            shop, answers = self.run_shop(collector, requests, killed)
            lines = collector.lines()
        self.assertEqual(answers[killed], 503)
        truth = told_by(shop.truth())
        running = [path for scopes in truth.values() for path, (status, *_) in scopes.items() if status == "running"]
        self.assertEqual(sorted(path.rpartition(">")[2] for path in running), sorted([f"pack {killed}", "wrap"]))
        # What it had logged by then.
        for path in running:
            truth[path.partition(">")[0]][path][1] = 2
        trees = trees_of(lines)
        found = found_in(trees)
        for name, scopes in truth.items():
            self.assertEqual(found.get(name), scopes)
        self.assertEqual(sum(tree["status"] == "running" for tree in trees.values()), 0)
        self.assertEqual([tree["root"]["name"] for tree in trees.values() if not tree["complete"]],
                         [f"POST /orders/{killed}"])
        self.assertNotIn(signal.SIGKILL, [-process.returncode for process in shop.processes])


if __name__ == "__main__":
    unittest.main()
