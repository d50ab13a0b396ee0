"""The corpora, their slices for slow peers, and what is known about them."""

import calendar
import json
import os
import random
import re
import subprocess
import time

TIMED = re.compile(rb'\{"level":"[a-z]+","time":"')
UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def size_of(text):
    """Reads `20MB` as a number of bytes."""
    number, unit = re.fullmatch(r"(\d+)([a-z]*)", text.lower()).groups()
    return int(number) * UNITS[unit]


class Corpora:
    """Files of one size in one directory, made when they are first asked for."""

    def __init__(self, directory, size):
        self.directory = directory
        self.size = size
        self.counts = {}

    def path(self, kind, part=None):
        """The corpus of a kind, or of its first `part` bytes (`20MB`) cut at a line's end."""
        whole = self._whole(kind)
        if part is None or size_of(part) >= os.path.getsize(whole):
            return whole
        path = whole.replace(".ndjson", f".first-{part}.ndjson")
        if not _newer(path, whole):
            left = size_of(part)
            with open(whole, "rb") as source, open(path, "wb") as out:
                for line in source:
                    left -= len(line)
                    if left < 0:
                        break
                    out.write(line)
        return path

    def _whole(self, kind):
        if kind == "trees":
            return self._trees()
        path = os.path.join(self.directory, f"{kind}-{self.size}.ndjson")
        generator = os.environ["GEN_CORPUS"]
        if not _newer(path, generator):
            os.makedirs(self.directory, exist_ok=True)
            with open(path + ".part", "wb") as out:
                command = [generator, "--kind", kind, "--size", self.size]
                subprocess.run(command, stdout=out, check=True)
            os.replace(path + ".part", path)
        return path

    def _trees(self):
        """The first trees of Eliot's corpus, as dl-tree writes them, as many bytes as a corpus has."""
        eliot = self.path("eliot")
        path = eliot.replace("eliot-", "trees-")
        if not _newer(path, eliot):
            left = size_of(self.size)
            command = [os.path.join(os.environ["DISTLOG_BIN"], "dl-tree"), eliot]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as trees, open(path + ".part", "wb") as out:
                for line in trees.stdout:
                    left -= len(line)
                    if left < 0:
                        trees.kill()
                        break
                    out.write(line)
            os.replace(path + ".part", path)
        return path

    def timed(self, path):
        """The lines of a file that have their time where sort(1) finds it: behind the level.

        That is most of them; the others are those of structlog, which has it at the end.
        """
        timed = path.replace(".ndjson", ".timed.ndjson")
        if not _newer(timed, path):
            with open(path, "rb") as lines, open(timed, "wb") as out:
                out.writelines(line for line in lines if TIMED.match(line))
        return timed

    def parts(self, path, count):
        """The lines of `timed` dealt out to several files, each in the order of time.

        The clocks of the corpus differ between hosts, so that the file itself is not in order.
        """
        paths = [path.replace(".ndjson", f".part-{n}.ndjson") for n in range(1, count + 1)]
        if not all(_newer(part, path) for part in paths):
            outs = [open(part, "wb") for part in paths]
            dealer = random.Random(1)
            with open(self.timed(path), "rb") as lines:
                for line in lines:
                    dealer.choice(outs).write(line)
            for out, part in zip(outs, paths):
                out.close()
                with open(part, "rb") as file:
                    lines = sorted(file, key=lambda line: line.split(b'"', 8)[7])
                with open(part, "wb") as file:
                    file.writelines(lines)
        for part in paths:
            warm(part)
        return paths

    def shuffled(self, path):
        """The lines of `timed` in any order."""
        mixed = path.replace(".ndjson", ".mixed.ndjson")
        if not _newer(mixed, path):
            with open(self.timed(path), "rb") as file:
                lines = file.readlines()
            random.Random(1).shuffle(lines)
            with open(mixed, "wb") as out:
                out.writelines(lines)
        warm(mixed)
        return mixed

    def lines(self, path):
        """How many records a file has."""
        return self._count(path, "lines", lambda lines: sum(1 for _ in lines))

    def selected(self, path, name, predicate):
        """How many records a naive reading of the file selects: the truth to compare with."""
        count = lambda lines: sum(bool(predicate(json.loads(line))) for line in lines)
        return self._count(path, name, count)

    def distinct(self, path, field):
        """How many different values a field has."""
        count = lambda lines: len({json.loads(line)[field] for line in lines})
        return self._count(path, field, count)

    def _count(self, path, name, count):
        if (path, name) not in self.counts:
            with open(path, "rb") as lines:
                self.counts[path, name] = count(lines)
        return self.counts[path, name]

    def some(self, path, field):
        """A value of a field, from the middle of a file."""
        with open(path, "rb") as file:
            file.seek(os.path.getsize(path) // 2)
            file.readline()
            return json.loads(file.readline())[field]

    def middle(self, path):
        """A minute from the middle of a file, in whole seconds: (first, after the last)."""
        with open(path, "rb") as file:
            first = json.loads(file.readline())["time"]
            file.seek(-20_000, os.SEEK_END)
            last = json.loads(file.readlines()[-1])["time"]
        first, last = _seconds(first), _seconds(last)
        # A small file has no minute; a tenth of it will do.
        length = max(1, min(60, (last - first) // 10))
        begin = first + (last - first) * 45 // 100
        return begin, begin + length


def warm(path):
    """Reads the file, so that it is in the page cache."""
    buffer = bytearray(1 << 20)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def _seconds(stamp):
    return calendar.timegm(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S"))


def _newer(path, than):
    return os.path.exists(path) and os.path.getmtime(path) >= os.path.getmtime(than)
