"""The ids of scopes: `UUID` for a task, `UUID/1/2` for what lies below it.

A record's key is `SEQ@ID`: SEQ counts the records of one scope from 0. A part of an ID is a
number where the scope above has counted its children, and a text where it could not: in a
process that was forked off, or below a span of another tracing system.

The module deliberately knows nothing of logging.
"""

from __future__ import annotations

import os
import random
import re
import uuid
from typing import Any, Optional

__all__ = ["MAX_LENGTH", "new_id", "valid_id"]

# What a caller may send. 1,000 characters leave room for more than 400 levels; dl-tree reads 1,000 levels.
MAX_LENGTH = 1000

_VALID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/[0-9A-Za-z][0-9A-Za-z-]{0,63})*")

# Ids have to be distinct, not secret: a generator of our own costs a fifth of what `uuid.uuid4` asks the
# system for. It is seeded anew in a forked process, which would otherwise repeat its parent's ids.
_random = random.Random(os.urandom(32))
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _random.seed(os.urandom(32)))


def new_id() -> str:
    """A random UUID (RFC 4122, version 4) as text."""
    bits = _random.getrandbits(128) & ~0xF000C000000000000000 | 0x40008000000000000000
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def valid_id(given: Any) -> Optional[str]:
    """The id as text if it is one of ours, else None: what comes over a network may be anything."""
    if isinstance(given, uuid.UUID):
        return str(given)
    if isinstance(given, bytes):
        given = given.decode("latin-1")
    if isinstance(given, str) and len(given) <= MAX_LENGTH and _VALID.fullmatch(given):
        return given
    return None
