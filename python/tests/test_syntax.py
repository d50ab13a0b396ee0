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


if __name__ == "__main__":
    unittest.main()
