"""Which scope is current: in this thread, in this asyncio task, in this process.

The current scope is a context variable: threads have their own, asyncio tasks inherit it. A process that is
forked off inherits it too, and goes on in a branch of its own, whose number the parent takes before the fork.

The module deliberately knows nothing of what a scope logs.
"""

from __future__ import annotations

import atexit
import contextvars
import os
import sys
from typing import TYPE_CHECKING, Callable, Dict, List, Optional, Tuple

if TYPE_CHECKING:
    from .tasks import Task

__all__ = ["current_scope"]

_current: contextvars.ContextVar[Optional[Task]] = contextvars.ContextVar("distlog.scope", default=None)
# Asking a variable for its method makes one each time, which costs more than the call.
_get_current, _set_current = _current.get, _current.set

# Called when a scope of this process starts or ends: the conditional output listens here.
_listeners: List[Callable[[Task, bool], None]] = []


class _Here:
    """Which process this is: another object after each fork, which is cheaper to compare than to ask for a pid."""

    __slots__ = ("branches", "here", "pid", "reserved")

    def __init__(self) -> None:
        self.reserved: Optional[Tuple[Task, str]] = None
        self.renew()

    def renew(self) -> None:
        """Makes it another process."""
        self.here = object()
        self.pid = os.getpid()
        # The branches of this process that have started and not ended.
        self.branches: Dict[int, Task] = {}


# What is read with each start and end is an attribute of an instance, which takes a fifth of one of a class. What the
# fork under way has reserved is a scope and the id of its branch.
_process = _Here()


def current_scope() -> Optional[Task]:
    """The innermost scope that is open here, or None."""
    return _get_current()


def _leave(scope: Task) -> None:
    """Makes the scope outside of this one current, unless something else has become current meanwhile."""
    inner = _get_current()
    while inner is not None and inner is not scope:
        inner = inner._outer
    if inner is None:
        return
    outer = scope._outer
    # Where generators leave scopes out of order, the next one may have ended as well.
    while outer is not None and outer._ended:
        outer = outer._outer
    _set_current(outer)


def began_branch(branch: Task) -> None:
    """Remembers a branch of this process, which ends with it."""
    if not _process.branches:
        # A child of multiprocessing ends by `os._exit`, after its finalizers: atexit is not asked.
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            util.Finalize(None, end_branches, exitpriority=100)
    _process.branches[id(branch)] = branch


def end_branches() -> None:
    """Ends the branches of a forked process that is about to end well."""
    for branch in list(_process.branches.values()):
        branch._end(None, None, None, None)


def _before_fork() -> None:
    scope = _get_current()
    if scope is not None:
        # Taken by the parent, so that the branch has a number that no other child gets.
        _process.reserved = (scope, scope.next_child())


def _after_fork_in_parent() -> None:
    _process.reserved = None


def _after_fork_in_child() -> None:
    _process.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )
atexit.register(end_branches)
