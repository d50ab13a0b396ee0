"""What is wrong in a call is said at once, and what is optional is not needed."""

import logging
import unittest

import distlog
from distlog import NdjsonHandler, PickleFormatter, ZmqHandler

from support import NOWHERE, run_python


class Usage(unittest.TestCase):
    def test_what_is_wrong_is_said_at_once(self):
        for make in (
            lambda: ZmqHandler(NOWHERE, system="TS"),
            lambda: ZmqHandler(NOWHERE, system=""),
            lambda: ZmqHandler("http://x"),
            lambda: ZmqHandler("tcp://127.0.0.1"),
            lambda: ZmqHandler("tcp://127.0.0.1:"),
            lambda: ZmqHandler("tcp://127.0.0.1:99999"),
            lambda: ZmqHandler(NOWHERE, curve={"server": "k" * 40}),
            lambda: ZmqHandler(NOWHERE, curve={"server": "k" * 40, "public": "k" * 40, "secret": "short"}),
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

    def test_what_the_readme_calls_without_a_module_is_there(self):
        for name in ("accept", "extract", "extract_celery", "headers", "import_task", "preserve_context"):
            self.assertTrue(callable(getattr(distlog, name, None)), name)

    def test_a_handler_that_was_not_made_is_not_flushed_at_the_end(self):
        code = """
from distlog import NdjsonHandler
try:
    NdjsonHandler("tcp://127.0.0.1:9", overflow="explode")
except ValueError as error:
    kept = error
"""
        done = run_python(code)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_a_program_without_asyncio_stays_one(self):
        code = """
import logging, sys, distlog, distlog.conditional, distlog.control, distlog.middleware, distlog.text
logging.getLogger().addHandler(logging.NullHandler())
try:
    with distlog.task("x"):
        raise ValueError("y")
except ValueError:
    sys.exit("asyncio" in sys.modules)
"""
        done = run_python(code)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

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
