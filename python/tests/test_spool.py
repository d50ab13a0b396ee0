"""The file that a queue is left in when a process ends."""

import contextlib
import logging
import os
import tempfile
import unittest
from pathlib import Path

from distlog import NdjsonHandler

from line_server import LineServer
from support import Words, expected, parse, run_python, texts


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


if __name__ == "__main__":
    unittest.main()
