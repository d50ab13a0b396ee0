"""A program that logs in the middle of logging, for test_interrupted.py: as handlers of signals and `__del__` do.

    interrupted_app.py ENDPOINT PHASE

At each line that the package and `threading` run for a call, one after the other, another record is logged. Says how
many lines there were; if it hangs, where.
"""

import contextlib
import faulthandler
import logging
import os
import sys
import threading
import time

from distlog import NdjsonHandler, sender

# Where else it may come in between.
FOLDERS = (os.path.dirname(sender.__file__), threading.__file__)
log = logging.getLogger("tests.interrupted")


class Interruption:
    """Calls something once, at the n-th line."""

    def __init__(self, at):
        self.left = at

    def __call__(self, frame, event, _):
        if event == "line" and frame.f_code.co_filename.startswith(FOLDERS):
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                log.info("inner")
        return self


def first(handler):
    log.info("outer")


def woken(handler):
    log.info("outer")


def full(handler):
    for _ in range(3):
        log.info("outer")


def flushed(handler):
    handler.flush(1)


PHASES = {
    "first": (first, {}),
    "woken": (woken, {}),
    "full": (full, {"capacity": 2, "overflow": "block", "block_seconds": 0.001}),
    "flushed": (flushed, {}),
}


def one(endpoint, phase, at):
    """Whether there is an n-th line."""
    act, options = PHASES[phase]
    handler = NdjsonHandler(endpoint, flush_timeout=0.01 if phase == "full" else 30, **options)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    with contextlib.closing(handler):
        if phase in ("woken", "flushed"):
            log.info("before")
            handler.flush(30)
            while not handler._asleep:
                time.sleep(0.001)
        interruption = Interruption(at)
        sys.settrace(interruption)
        act(handler)
        sys.settrace(None)
        if phase != "full":
            assert handler.flush(30), f"not delivered after line {at}"
        return interruption.left <= 0


def main(endpoint, phase):
    logging.basicConfig(level=logging.INFO)
    sender.IDLE_TICKS, sender.TICK_SECONDS, sender.WATCH_SECONDS = 1, 0.001, 5.0
    at = 1
    while True:
        faulthandler.dump_traceback_later(30, exit=True)
        if not one(endpoint, phase, at):
            break
        at += 1
    print(at - 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
