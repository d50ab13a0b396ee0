"""What users of the original package (0.1.dev0) have written runs unchanged, without its defects."""

import json
import logging
import os
import pickle
import re
import subprocess
import sys
import unittest
import uuid

import distlog
import zmq
from distlog import JSONFormatter, PickleFormatter, Task, ZmqHandler, import_task, task, to

from support import PYTHON, ROOT, logged, program

KEY = re.compile(r"[0-9]+@[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/([1-9][0-9]*|[0-9a-f-]{36}))*")


class Pull:
    """A PULL socket, as distlogd has."""

    def __init__(self):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.PULL)
        self.socket.setsockopt(zmq.RCVTIMEO, 60_000)
        self.endpoint = f"tcp://127.0.0.1:{self.socket.bind_to_random_port('tcp://127.0.0.1')}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close(0)
        self.context.term()

    def take(self, count):
        return [self.socket.recv_multipart() for _ in range(count)]


class Names(unittest.TestCase):
    def test_what_could_be_imported_can_be(self):
        for name in ("import_task", "task", "to", "JSONFormatter", "PickleFormatter", "ZmqHandler", "Task",
                     "LogContext", "LogRecord"):
            self.assertTrue(hasattr(distlog, name), name)
            self.assertIn(name, distlog.__all__)

    def test_a_task_has_what_it_had(self):
        scope = Task(uuid.uuid4(), "goal %d", 1, job="x")
        self.assertEqual((scope.msg, scope.args, scope.data), ("goal %d", (1,), {"job": "x"}))
        with scope:
            self.assertIsNone(scope.parent)
            self.assertEqual(scope.get_next_task(), 1)
            self.assertEqual(scope.get_foreign_task(), f"{scope.id}/2")
            self.assertRegex(scope.context["key"], KEY)
            self.assertEqual(scope.context["job"], "x")
            scope.bind(more=2)
            scope.success("fine %s", "so far")
            with to("inner", arg=1) as inner:
                self.assertEqual((inner.parent, inner.id), (scope.id, f"{scope.id}/3"))

    def test_a_record_class_and_a_context_for_those_who_named_them(self):
        with task("x") as scope:
            record = distlog.LogRecord("a", logging.INFO, "p", 1, "m", (), None)
            self.assertTrue(record.context["key"].endswith(scope.id))
            self.assertIs(distlog.LogContext().top, scope)
        self.assertIsNone(distlog.LogRecord("a", logging.INFO, "p", 1, "m", (), None).context)


class Wire(unittest.TestCase):
    def send(self, formatter, **options):
        with Pull() as pull:
            handler = ZmqHandler(pull.endpoint, **options)
            handler.setFormatter(formatter)
            with logged(handler=handler):
                with task("count to %d", 2, job="count") as root:
                    logging.info("one", extra={"req": "r-1"})
                    with to("deeper"):
                        logging.getLogger("a.b").warning("two\nlines")
                    foreign = root.get_foreign_task()
                with import_task(foreign, "elsewhere") as elsewhere:
                    self.assertEqual(elsewhere.id, foreign)
            frames = pull.take(8)
            handler.close()
        return root.id, frames

    def check(self, root, records):
        keys = [r["context"]["key"] for r in records]
        self.assertEqual(
            keys,
            [f"0@{root}", f"1@{root}", f"0@{root}/1", f"1@{root}/1", f"2@{root}/1", f"2@{root}", f"0@{root}/2",
             f"1@{root}/2"],
        )
        for key in keys:
            self.assertRegex(key, KEY)
        self.assertEqual(records[1]["req"], "r-1")
        self.assertEqual(records[0]["context"]["job"], "count")
        self.assertEqual(records[3]["message"], "two\nlines")

    def test_json_frames(self):
        root, frames = self.send(JSONFormatter())
        self.assertEqual({len(f) for f in frames}, {2})
        self.assertEqual({f[0] for f in frames}, {b"PLJ"})
        self.check(root, [json.loads(f[1]) for f in frames])

    def test_pickle_frames(self):
        root, frames = self.send(PickleFormatter(), system="T")
        self.assertEqual({f[0] for f in frames}, {b"TLP"})
        self.assertIn(frames[0][1][:2], (b"\x80\x02", b"\x80\x03"))
        self.check(root, [pickle.loads(f[1]) for f in frames])

    def test_a_socket_of_the_users_own(self):
        with Pull() as pull:
            context = zmq.Context()
            socket = context.socket(zmq.PUSH)
            socket.connect(pull.endpoint)
            handler = ZmqHandler(socket)
            handler.setFormatter(JSONFormatter())
            with logged(handler=handler):
                logging.info("x")
            ((topic, body),) = pull.take(1)
            handler.close()
            self.assertEqual((topic, json.loads(body)["message"]), (b"PLJ", "x"))
            self.assertFalse(socket.closed)
            socket.close(0)
            context.term()

    def test_a_context_of_the_users_own(self):
        with Pull() as pull:
            context = zmq.Context()
            handler = ZmqHandler(pull.endpoint, context, "S")
            with logged(handler=handler):
                logging.info("x")
            ((topic, _),) = pull.take(1)
            handler.close()
            self.assertEqual(topic, b"SLJ")
            context.term()

    def test_a_wrong_formatter(self):
        with self.assertRaises(TypeError):
            ZmqHandler("tcp://127.0.0.1:9").setFormatter(logging.Formatter("%(message)s"))


class Programs(unittest.TestCase):
    """The client that the tests of the Rust side run with the original package, run with this one."""

    def test_the_client_of_the_original_runs_unchanged(self):
        for encoding, topic in (("json", b"TLJ"), ("pickle", b"TLP")):
            with self.subTest(encoding=encoding), Pull() as pull:
                environment = {**os.environ, "PYTHONPATH": str(PYTHON)}
                client = ROOT / "tests" / "py" / "client_distlog.py"
                process = subprocess.Popen(
                    [sys.executable, str(client), pull.endpoint, encoding], stdout=subprocess.PIPE, env=environment
                )
                with process:
                    # What the original sends, and the ends that it leaves out: of two scopes.
                    frames = pull.take(27)
                    summary = json.loads(process.stdout.read())
                self.assertEqual(process.returncode, 0)
                self.assertEqual({f[0] for f in frames}, {topic})
                load = json.loads if encoding == "json" else pickle.loads
                records = [load(f[1]) for f in frames]
                keys = [r["context"] and r["context"]["key"] for r in records]
                self.assertEqual((summary["records"], summary["keys"]), (27, keys))
                inside = [key for key in keys if key]
                self.assertEqual(len(set(inside)), len(inside))


if __name__ == "__main__":
    unittest.main()
