"""What the services log with: the package distlog, or, with SHOP_LOG=stdlib, nothing but the standard library.

Both have the same names and write the same form; see `shoplog_distlog` and `shoplog_stdlib`.
"""

from __future__ import annotations

import os

if os.environ.get("SHOP_LOG") == "stdlib":
    from .shoplog_stdlib import Scope, foreign_task, import_task, setup, task, to
else:
    from .shoplog_distlog import Scope, foreign_task, import_task, setup, task, to

__all__ = ["Scope", "foreign_task", "import_task", "setup", "task", "to"]
