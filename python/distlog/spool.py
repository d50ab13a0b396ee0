"""A file for records that no memory is meant for: a queue of lines of JSON, first in, first out.

The file can be read by every program that reads NDJSON, `dl-send` for one. One process owns it,
by a lock that the system takes back when the process dies; what a dead process left in it is sent by
the next one that opens it.
"""

from __future__ import annotations

import os
from typing import List

try:
    import fcntl
except ImportError:  # Windows has no such lock: there, each process needs a path of its own.
    fcntl = None  # type: ignore[assignment]

__all__ = ["Spool"]

_MOST_PROCESSES = 1000


class Spool:
    """The queue in `path`, of at most `limit` bytes."""

    def __init__(self, path: str, limit: int) -> None:
        self.path, self.limit = path, limit
        self.written = 0
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        if fcntl is not None:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(self._fd)
                raise BlockingIOError(f"{path} is in use by another process") from error
        self._read_at = 0
        self._size = os.fstat(self._fd).st_size
        self.waiting = self._count()
        self._end_line()

    @classmethod
    def claim(cls, path: str, limit: int) -> Spool:
        """The first of `path`, `path.1`, `path.2` … that no other process has."""
        for number in range(_MOST_PROCESSES):
            try:
                return cls(f"{path}.{number}" if number else path, limit)
            except BlockingIOError:
                continue
        raise OSError(f"{_MOST_PROCESSES} processes have such files open")

    def _count(self) -> int:
        lines = 0
        at = 0
        while True:
            piece = os.pread(self._fd, 1 << 20, at)
            if not piece:
                return lines
            lines += piece.count(b"\n")
            at += len(piece)

    def _end_line(self) -> None:
        """A process that died while it wrote has left half a line, which no reader could use."""
        if self._size and os.pread(self._fd, 1, self._size - 1) != b"\n":
            whole = self._size
            while whole:
                start = max(0, whole - 65536)
                piece = os.pread(self._fd, whole - start, start)
                cut = piece.rfind(b"\n")
                if cut >= 0:
                    whole = start + cut + 1
                    break
                whole = start
            os.ftruncate(self._fd, whole)
            self._size = whole

    def append(self, body: bytes) -> bool:
        """Adds a record; False if it does not fit, or the disk is full."""
        if self._size - self._read_at + len(body) + 1 > self.limit:
            return False
        try:
            self._write(body + b"\n", self._size)
        except OSError:
            os.ftruncate(self._fd, self._size)
            return False
        self._size += len(body) + 1
        self.waiting += 1
        self.written += 1
        return True

    def _write(self, data: bytes, at: int) -> None:
        view = memoryview(data)
        while view:
            count = os.pwrite(self._fd, view, at)
            view, at = view[count:], at + count

    def read(self, most: int) -> List[bytes]:
        """Takes the first records out; the file shrinks when all of them are."""
        found: List[bytes] = []
        while len(found) < most and self.waiting:
            piece = os.pread(self._fd, 1 << 20, self._read_at)
            end = piece.rfind(b"\n") + 1
            longer = 1 << 21
            while not end and self._read_at + len(piece) < self._size:
                # A line that is longer than a piece.
                piece = os.pread(self._fd, longer, self._read_at)
                end = piece.rfind(b"\n") + 1
                longer *= 2
            if not end:
                break
            for line in piece[:end].split(b"\n")[:-1]:
                if len(found) == most:
                    break
                found.append(line)
                self._read_at += len(line) + 1
                self.waiting -= 1
        if not self.waiting and self._read_at:
            os.ftruncate(self._fd, 0)
            self._read_at = self._size = 0
        return found

    def put_first(self, bodies: List[bytes]) -> List[bytes]:
        """Puts records in front of those that wait, at the end of the process; gives back what does not fit."""
        rest = self.read(self.waiting) if self.waiting else []
        os.ftruncate(self._fd, 0)
        self._read_at = self._size = self.waiting = 0
        return [body for body in [*bodies, *rest] if not self.append(body)]

    def close(self) -> None:
        """Lets the file go. It stays, also if it is empty: another process may have opened it meanwhile."""
        if self._read_at:
            kept = self.read(self.waiting)
            os.ftruncate(self._fd, 0)
            self._read_at = self._size = self.waiting = 0
            for body in kept:
                self.append(body)
        os.close(self._fd)

    def forget(self) -> None:
        """Closes the descriptor that a forked process has inherited; the lock stays with the parent."""
        try:
            os.close(self._fd)
        except OSError:
            pass
