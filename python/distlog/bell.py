"""How threads wake each other where anything may come in between: a signal, or the collection of garbage.

Handlers of signals and `__del__` run in the middle of whatever the thread is at, and may log. `threading.Event` is no
good there: who is interrupted within `set` holds its lock, and the next `set` of the same thread waits for that lock
for ever. Here each step is one call into the interpreter, which nothing interrupts.
"""

from __future__ import annotations

import threading

__all__ = ["Bell"]


class Bell:
    """Rings once, for one of those who wait, or for the next who will."""

    __slots__ = ("_quiet",)

    def __init__(self) -> None:
        # Held while the bell is quiet.
        self._quiet = threading.Lock()
        self._quiet.acquire()

    def ring(self) -> None:
        """Wakes one who waits; if it has rung already, nothing more."""
        try:
            self._quiet.release()
        except RuntimeError:
            # Nobody has heard the last one yet.
            pass

    def wait(self, seconds: float) -> bool:
        """Waits for a ring, for so long at most, and says whether there was one."""
        return self._quiet.acquire(timeout=max(0.0, seconds))

    def hush(self) -> None:
        """Forgets a ring that nobody has heard."""
        self._quiet.acquire(blocking=False)
