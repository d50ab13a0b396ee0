"""What the sender has taken from the queue, and what became of it: data alone, without threads or connections.

Bodies wait in their order. Those that were handed on last are kept, up to a number of bytes, because nobody knows
what of them arrived when a connection is lost: then they stand first again.
"""

from __future__ import annotations

import collections
from typing import Deque, List, Optional

__all__ = ["Backlog"]


class Backlog:
    """Used by the sender; others may look at its numbers.

    :param resend: bytes of bodies that are kept after they were handed on.
    """

    def __init__(self, resend: int) -> None:
        self.resend = resend
        #: What waits, the oldest first, and how many bytes that is.
        self.waiting: Deque[bytes] = collections.deque()
        self.bytes = 0
        # How many of the first were handed on before.
        self._again = 0
        self._recent: Deque[bytes] = collections.deque()
        self._recent_bytes = 0
        #: How many were handed on, each once; how many once more; how many had to go.
        self.sent = 0
        self.resent = 0
        self.dropped = 0

    @property
    def unsent(self) -> int:
        """How many wait that were never handed on."""
        return max(0, len(self.waiting) - self._again)

    @property
    def in_doubt(self) -> int:
        """How many were handed on of which it is not known whether they arrived."""
        return len(self._recent)

    def add(self, body: bytes) -> None:
        """Puts a body at the end."""
        self.waiting.append(body)
        self.bytes += len(body)

    def drop_oldest(self) -> Optional[bytes]:
        """Drops the oldest, and returns it; if it was sent before, it may have arrived and is not lost: None."""
        oldest = self.waiting.popleft()
        self.bytes -= len(oldest)
        if self._again:
            self._again -= 1
            return None
        self.dropped += 1
        return oldest

    def handed_on(self, count: int) -> None:
        """Notes that the transport has taken so many of the first."""
        waiting, recent, resend = self.waiting, self._recent, self.resend
        size = 0
        for _ in range(count):
            body = waiting.popleft()
            size += len(body)
            if resend:
                recent.append(body)
        self.bytes -= size
        again = min(count, self._again)
        self._again -= again
        self.resent += again
        self.sent += count - again
        if resend:
            self._recent_bytes += size
            while self._recent_bytes > resend:
                self._recent_bytes -= len(recent.popleft())

    def recall(self) -> None:
        """The connection is gone: what may have been lost with it stands first again."""
        recent = self._recent
        self._again += len(recent)
        self.waiting.extendleft(reversed(recent))
        self.bytes += self._recent_bytes
        recent.clear()
        self._recent_bytes = 0

    def leave(self, arrived: bool) -> "tuple[List[bytes], List[bytes]]":
        """The end: gives away what may not have arrived, unless all that was handed on has, and what was never sent."""
        waiting = list(self.waiting)
        doubtful = ([] if arrived else list(self._recent)) + waiting[: self._again]
        undelivered = waiting[self._again :]
        self.waiting.clear()
        self.bytes = self._again = 0
        return doubtful, undelivered
