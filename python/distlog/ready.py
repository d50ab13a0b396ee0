"""Waiting for sockets, also for those beyond the 1024th descriptor of a process, which `select` cannot take."""

from __future__ import annotations

import select
import socket
from typing import List

__all__ = ["readable", "writable"]


def readable(watched: List[socket.socket], seconds: float) -> List[socket.socket]:
    """Those that can be read, after so long at most."""
    if not hasattr(select, "poll"):
        return select.select(watched, [], [], seconds)[0]
    return _poll(watched, seconds, select.POLLIN)


def writable(watched: List[socket.socket], seconds: float) -> List[socket.socket]:
    """Those that can be written to, after so long at most."""
    if not hasattr(select, "poll"):
        return select.select([], watched, [], seconds)[1]
    return _poll(watched, seconds, select.POLLOUT)


def _poll(watched: List[socket.socket], seconds: float, events: int) -> List[socket.socket]:
    poll = select.poll()
    for one in watched:
        poll.register(one, events)
    # Errors and hang-ups are told as well: the next call on the socket says what they are.
    numbers = {number for number, _ in poll.poll(int(seconds * 1000) + 1)}
    return [one for one in watched if one.fileno() in numbers]
