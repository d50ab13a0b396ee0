"""Words of this package to whoever watches the program, when the way of its records is what they are about."""

from __future__ import annotations

import sys

__all__ = ["say"]


def say(words: str) -> None:
    """One line on stderr, whatever has become of it."""
    try:
        print(f"distlog: {words}", file=sys.stderr)
    except Exception:
        pass
