#!/usr/bin/env python3
"""Runs the real clients against each other, without distlog's own programs.

    python3 -m venv .venv && .venv/bin/pip install -r tests/py/requirements.txt
    .venv/bin/python tests/py/test_clients.py

So that a difference which a test of dl-recv or dl-tree finds is not one between these clients.
"""

import base64
import collections
import contextlib
import json
import pickle
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent / "data" / "samples"
NOWHERE = "tcp://127.0.0.1:9"


def command(script, *arguments):
    return [sys.executable, str(HERE / script), *map(str, arguments)]


def run(script, *arguments, **how):
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120, **how}
    return subprocess.run(command(script, *arguments), **how)


@contextlib.contextmanager
def pull(count, *options):
    """A zmq_pull.py that is ready: yields its endpoint, and the process to communicate with."""
    arguments = command("zmq_pull.py", "tcp://127.0.0.1:*", count, *options)
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(arguments, stdout=out, stderr=subprocess.PIPE)
        try:
            word, endpoint = process.stderr.readline().decode().split()
            assert word == "ready", word

            def lines():
                """Its output, once it has ended as it should."""
                _, words = process.communicate(timeout=120)
                assert process.returncode == 0, words
                out.seek(0)
                return out.read().splitlines()

            yield endpoint, lines
        finally:
            process.kill()
            process.communicate()


class Distlog(unittest.TestCase):
    RECORDS = 25

    def send(self, encoding):
        """What the client says that it sent, and the frames that came."""
        with pull(self.RECORDS, "--frames") as (endpoint, lines):
            client = run("client_distlog.py", endpoint, encoding)
            self.assertEqual(client.returncode, 0, client.stderr)
            messages = [[base64.b64decode(frame) for frame in json.loads(line)] for line in lines()]
            return json.loads(client.stdout), messages

    def check(self, summary, records):
        self.assertEqual(summary["records"], self.RECORDS)
        came = [
            {"key": r["context"] and r["context"]["key"], "level": r["levelname"], "message": r["message"]}
            for r in records
        ]
        self.assertEqual(came, summary["sent"])
        self.assertEqual([one["key"] for one in came], summary["keys"])
        self.assertEqual(len(set(summary["keys"])), self.RECORDS - 4 + 1)
        roots = {key.partition("@")[2].partition("/")[0] for key in summary["keys"] if key}
        self.assertEqual(roots, set(summary["tasks"].values()))
        self.assertTrue(any("{0}/1/1".format(summary["tasks"]["fail"]) in (key or "") for key in summary["keys"]))

    def test_json(self):
        summary, messages = self.send("json")
        self.assertEqual({topic for topic, _ in messages}, {b"TLJ"})
        self.check(summary, [json.loads(body) for _, body in messages])

    def test_pickle(self):
        summary, messages = self.send("pickle")
        self.assertEqual({topic for topic, _ in messages}, {b"TLP"})
        self.check(summary, [pickle.loads(body) for _, body in messages])


class Eliot(unittest.TestCase):
    def check(self, summary, text):
        """Compares what eliot.parse finds with what the client says, and the numbers of records."""
        dump = run("eliot_parse_dump.py", "-", input=text)
        self.assertEqual((dump.returncode, dump.stderr), (0, b""))
        found = {row["tree"]: row for row in map(json.loads, dump.stdout.splitlines())}
        self.assertEqual(len(found), 3)
        records = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(len(records), summary["records"])
        count = collections.Counter(record["task_uuid"] for record in records)
        for task in summary["tasks"].values():
            self.assertTrue(found[task["uuid"]]["complete"])
            self.assertEqual(self.actions(found[task["uuid"]]["root"]), task["tree"])
            self.assertEqual(count[task["uuid"]], task["records"])

    def actions(self, node):
        children = [self.actions(child) for child in node["children"] if child["kind"] == "action"]
        return [node["type"], node["status"], children]

    def test_two_files_in_either_order(self):
        with tempfile.TemporaryDirectory() as folder:
            first, second, summary = (Path(folder, name) for name in ("first", "second", "summary"))
            done = run("client_eliot.py", "--summary", summary, first, second)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
            wanted = json.loads(summary.read_text("utf-8"))
            self.check(wanted, first.read_bytes() + second.read_bytes())
            self.check(wanted, second.read_bytes() + first.read_bytes())

    def test_stdout(self):
        done = run("client_eliot.py", "--stdout")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check(json.loads(done.stderr), done.stdout)

    def test_wrong_usage(self):
        self.assertEqual(run("client_eliot.py", "only-one").returncode, 2)

    def test_a_crash_of_the_parser_costs_one_task(self):
        done = run("eliot_parse_dump.py", SAMPLES / "eliot.ndjson")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([row.get("crash") for row in rows].count("KeyError: 'action_status'"), 1)
        self.assertEqual(sum(row.get("complete", False) for row in rows), 3)

    def test_old_data_crashes_the_parser(self):
        done = run("eliot_parse_dump.py", SAMPLES / "eliot-0.5.0.ndjson")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([row["crash"].partition(":")[0] for row in rows], ["KeyError", "InvalidStartMessage"])
        self.assertNotIn(" at 0x", rows[0]["crash"])

    def test_missing_actions_and_lines_that_are_none(self):
        lone = '{"task_uuid":"u","task_level":[2,3],"timestamp":1.5,"message_type":"m"}\n[1]\nno json\n'
        done = run("eliot_parse_dump.py", "-", input=lone.encode())
        message = {"level": [2, 3], "kind": "message", "type": "m", "status": None, "start": 1.5, "end": 1.5}
        missing = {"kind": "missing", "type": None, "status": None, "start": None, "end": None}
        inner = {**missing, "level": [2], "children": [{**message, "children": []}]}
        root = {**missing, "level": [], "children": [inner]}
        self.assertEqual(json.loads(done.stdout), {"tree": "u", "complete": False, "root": root})
        self.assertEqual(done.stderr, b"eliot_parse_dump: lines without a task_uuid: 2\n")


class Zmq(unittest.TestCase):
    LINES = [b'{"n":%d,"text":"%s"}' % (n, b"x" * (n * 7919 % 400)) for n in range(20_000)]

    def push(self, endpoint, *options):
        done = run("zmq_push.py", endpoint, *options, "-", input=b"\n".join(self.LINES) + b"\n")
        self.assertEqual((done.returncode, done.stderr), (0, b"sent 20000\n"))

    def test_every_line_arrives_in_order(self):
        with pull(len(self.LINES)) as (endpoint, lines):
            self.push(endpoint)
            self.assertEqual(lines(), self.LINES)

    def test_frames(self):
        for options, head in (((), [b"PLJ"]), (("--topic", "SLJ"), [b"SLJ"]), (("--frames", "single"), [])):
            with pull(len(self.LINES), "--frames") as (endpoint, lines):
                self.push(endpoint, *options)
                came = [[base64.b64decode(frame) for frame in json.loads(line)] for line in lines()]
                self.assertEqual(came, [[*head, line] for line in self.LINES])

    def test_the_puller_gives_up(self):
        done = run("zmq_pull.py", "tcp://127.0.0.1:*", 1, "--seconds", "0.1")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"zmq_pull: 0 of 1 messages came", done.stderr)

    def test_the_pusher_gives_up(self):
        done = run("zmq_push.py", NOWHERE, "--seconds", "0.1", "-", input=b"{}\n")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"zmq_push: nobody took", done.stderr)


if __name__ == "__main__":
    unittest.main()
