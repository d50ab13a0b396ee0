"""The end of a process delivers what its handlers have: of the interpreter, of a child of multiprocessing, by SIGTERM.

And a forked process begins with handlers that have nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Dict, List

if TYPE_CHECKING:
    from .shipping import ShippingHandler

__all__ = ["end_with_process", "handlers", "watch_sigterm"]

#: All of this process.
handlers: "weakref.WeakSet[ShippingHandler]" = weakref.WeakSet()
_arranged: Dict[str, Any] = {}


def _deliver_all() -> None:
    """Delivers what all handlers of this process have, side by side."""
    busy: List[ShippingHandler] = [handler for handler in handlers if not handler._closed]
    for handler in busy:
        handler._stop = time.monotonic() + handler.flush_timeout
        handler._awake.ring()
    for handler in busy:
        handler.close()


def end_with_process(sigterm: bool) -> None:
    """Sees to it that the end of this process delivers. `logging.shutdown` does so for most: see atexit."""
    pid = os.getpid()
    if _arranged.get("pid") != pid:
        _arranged["pid"] = pid
        # A child of multiprocessing ends by os._exit, after these.
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            util.Finalize(None, _deliver_all, exitpriority=0)
    watch_sigterm(sigterm)


def watch_sigterm(wanted: bool) -> None:
    """Lets SIGTERM deliver, where it would just end the process; only the main thread may say so."""
    if (
        wanted
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        try:
            signal.signal(signal.SIGTERM, _on_sigterm)
        except ValueError:
            # A main thread, but not that of the main interpreter.
            pass


def _on_sigterm(number: int, frame: Any) -> None:
    """Delivers, and then ends the process as the signal would have."""
    _deliver_all()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _forked() -> None:
    for handler in list(handlers):
        handler._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
