"""What a way to a collector has to be able to do; `handlers` has two of them.

A transport knows nothing of records, queues and promises: it takes bodies, as many as it can, and says when the
connection is gone.
"""

from __future__ import annotations

import time
from typing import Deque, Optional

__all__ = ["SLICE", "Lost", "Transport"]

# Handed to the transport at once, before it is noted that they are.
SLICE = 500


class Lost(Exception):
    """The connection is gone; what was sent last may not have arrived."""


class Transport:
    """A way to a collector. Used by one thread at a time."""

    def send(self, body: bytes) -> bool:
        """Takes a record, or says False because it cannot now; raises `Lost`."""
        raise NotImplementedError

    def send_many(self, bodies: Deque[bytes]) -> int:
        """Takes records from the beginning, as many as it can, and says how many; the queue stays as it is."""
        taken = 0
        for body in bodies:
            if taken == SLICE or not self.send(body):
                break
            taken += 1
        return taken

    def settle(self) -> bool:
        """Hands on what was taken; True if nothing is left to hand on. Raises `Lost`."""
        return True

    def press(self, seconds: float) -> Optional[bool]:
        """Sees to it that the system has all that was taken, whatever becomes of this process.

        True or False says whether it has, None that it took the end of this connection to make sure.
        """
        return self.settle()

    def check(self) -> None:
        """Raises `Lost` if the connection has been lost since it was asked last."""

    def wait(self, seconds: float) -> None:
        """Waits until something can be sent, for some time."""
        time.sleep(seconds)

    def is_connected(self) -> bool:
        """Whether there is somebody at the other end, as far as is known."""
        raise NotImplementedError

    def close(self, seconds: float) -> bool:
        """Closes the connection, waiting so long for what is under way; False if it may not have arrived."""
        raise NotImplementedError

    def forget(self) -> None:
        """Lets go of what a forked process has inherited, without a word to the other end."""
