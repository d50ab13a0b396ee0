"""What the tests share: a place for records, and the programs of this repository."""

import contextlib
import json
import logging
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from distlog.record import JSONFormatter

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "python"
# Long enough for a loaded machine; nothing waits so long if all is well.
PATIENCE = 60
# Nobody listens there.
NOWHERE = "tcp://127.0.0.1:9"


def program(name):
    """The path of a program of ours, built by cargo."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    for folder in filter(None, (os.environ.get("DISTLOG_BIN"), target / "debug", target / "release")):
        path = Path(folder) / name
        if path.exists():
            return str(path)
    raise unittest.SkipTest(f"{name} is not built: cargo build --bins")


def refuse(constant):
    raise ValueError(f"{constant} is not JSON")


def strict_pairs(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError(f"a key stands twice: {[name for name, _ in pairs]}")
    return dict(pairs)


def parse(line):
    """A record, read as strictly as JSON allows."""
    if isinstance(line, bytes):
        line = line.decode("utf-8")
    return json.loads(line, parse_constant=refuse, object_pairs_hook=strict_pairs)


class Records(logging.Handler):
    """Keeps each record as it would be sent."""

    def __init__(self, formatter=None):
        super().__init__()
        self.formatter = formatter or JSONFormatter()
        self.lines = []

    def emit(self, record):
        self.lines.append(self.formatter.encode(record))

    @property
    def records(self):
        return [parse(line) for line in self.lines]


@contextlib.contextmanager
def logged(level=logging.DEBUG, handler=None):
    """All that is logged inside goes to the handler, and nowhere else."""
    handler = handler or Records()
    root = logging.getLogger()
    before, was = root.handlers[:], root.level
    root.handlers[:] = [handler]
    root.setLevel(level)
    # It tells of its selector, whenever a loop starts.
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    try:
        yield handler
    finally:
        root.handlers[:] = before
        root.setLevel(was)


def shape(records):
    """What scopes say: (key without the tree's id, event or None, status or None, message)."""
    found = []
    for record in records:
        key = record["context"] and record["context"]["key"]
        if key:
            seq, _, scope = key.partition("@")
            key = f"{seq}@{scope.partition('/')[2]}"
        dl = record.get("dl") or {}
        found.append((key, dl.get("event"), dl.get("status"), record["message"]))
    return found


def run_python(code, *arguments, timeout=PATIENCE, **how):
    """Runs a program that can import the package."""
    environment = {**os.environ, "PYTHONPATH": str(PYTHON), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *(["-c", code] if "\n" in code else [code]), *map(str, arguments)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, env=environment, **how
    )
    return done


def whole_lines(path):
    """The lines of a file that another process may just be writing."""
    written = path.read_bytes() if path.exists() else b""
    return written[: written.rfind(b"\n") + 1].splitlines()


class Collector:
    """A dl-recv that writes what comes into a file, and can be stopped, killed and started again."""

    def __init__(self, endpoint="tcp://127.0.0.1:0", out=None, flags=()):
        self.wanted = self.endpoint = endpoint
        self.flags = list(flags)
        self.folder = tempfile.mkdtemp()
        self.out = Path(out or Path(self.folder, "capture.ndjson"))
        self.process = None
        self.ledger = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        command = [program("dl-recv"), self.endpoint, "--stats", "-o", str(self.out), *self.flags]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        line = words = ""
        while "listening on " not in line:
            line = self.process.stderr.readline().decode()
            words += line
            assert line, words
        self.endpoint = line.partition("listening on ")[2].strip()

    def stop(self, with_signal=signal.SIGTERM):
        """Ends it; the numbers of its ledger, unless it was killed."""
        self.process.send_signal(with_signal)
        _, words = self.process.communicate(timeout=PATIENCE)
        status = self.process.returncode
        self.process = None
        found = re.search(rb"(\d+) read, (\d+) written, (\d+) filtered, (\d+) rejected", words)
        if found:
            self.ledger.append(tuple(map(int, found.groups())))
        elif with_signal != signal.SIGKILL:
            raise AssertionError(f"dl-recv ended with {status} and no ledger: {words}")
        return words.decode()

    def wait_for_words(self, reason):
        """Waits until it has said something on stderr."""
        said, deadline = b"", time.monotonic() + PATIENCE
        while reason.encode() not in said:
            left = max(0.0, deadline - time.monotonic())
            if not left or not select.select([self.process.stderr], [], [], left)[0]:
                raise AssertionError(f"in vain: waited for {reason!r} in {said!r}")
            piece = os.read(self.process.stderr.fileno(), 65536)
            assert piece, f"it ended without {reason!r}: {said!r}"
            said += piece

    def lines(self):
        return whole_lines(self.out)

    def records(self):
        return [json.loads(line) for line in self.lines()]

    def wait_for(self, count):
        """Waits until so many records have been written."""
        wait_until(lambda: self.out.exists() and self.out.read_bytes().count(b"\n") >= count, f"{count} records")


def wait_until(holds, what):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"in vain: waited for {what}")
        time.sleep(0.01)


def trees_of(lines):
    """What dl-tree makes of the records: the trees by their ids."""
    done = subprocess.run(
        [program("dl-tree")], input=b"\n".join(lines) + b"\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return {tree["tree"]: tree for tree in map(json.loads, done.stdout.splitlines())}


def nodes_of(tree):
    """All nodes of a tree, the root first."""
    waiting, found = [tree["root"]], []
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(node.get("children", ()))
    return found


def texts(records):
    """What the records say."""
    return [r["message"] for r in records]


def expected(count):
    """What so many records say that are logged by their numbers."""
    return [f"record {n}" for n in range(count)]


def once(records):
    """The records, each once: one that came twice has its id twice."""
    seen, found = set(), []
    for record in records:
        if record["record_id"] not in seen:
            seen.add(record["record_id"])
            found.append(record)
    return found


class Words:
    """A stderr that keeps what is written, from any thread."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass
