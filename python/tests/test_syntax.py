"""The package is for Python 3.9 to 3.13, whichever runs the tests, and typed throughout."""

import ast
import os
import subprocess
import sys
import unittest
from pathlib import Path

from support import PYTHON

SOURCES = sorted((PYTHON / "distlog").glob("*.py"))


class Versions(unittest.TestCase):
    def test_the_syntax_is_that_of_3_9(self):
        self.assertGreater(len(SOURCES), 8)
        for path in SOURCES:
            ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 9))

    def test_the_library_is_that_of_3_9(self):
        command = [sys.executable, "-c", "import vermin; vermin.main()", "--target=3.9-", "--no-tips", "--violations", *map(str, SOURCES)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode())


class Types(unittest.TestCase):
    def test_mypy_is_content(self):
        command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "distlog"]
        done = subprocess.run(command, cwd=PYTHON, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        self.assertTrue(Path(PYTHON, "distlog", "py.typed").exists())

    def test_the_types_of_calls(self):
        program = """
import logging
from distlog import NdjsonHandler, preserve_context, trace
from distlog.conditional import ConditionalHandler
@trace
def charge(order: int) -> str: return ""
handler = ConditionalHandler(NdjsonHandler("ndjson+tcp://h:1", level="WARNING"), level="INFO", flush_level=logging.ERROR)
text: str = preserve_context(charge)(17)
charge("x")
preserve_context(charge)("x")
"""
        command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "-c", program]
        done = subprocess.run(
            command, env={**os.environ, "MYPYPATH": str(PYTHON)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        wrong = [line for line in done.stdout.decode().splitlines() if " error: " in line]
        self.assertEqual([line.partition(":")[2].partition(":")[0] for line in wrong], ["9", "10"], wrong)


if __name__ == "__main__":
    unittest.main()
