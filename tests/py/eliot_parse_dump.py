#!/usr/bin/env python3
"""Dumps the trees that eliot's own parser finds, one JSON object per task, in order of first appearance.

    eliot_parse_dump.py FILE…        (`-` is stdin; several files are read one after the other)

    {"tree": UUID, "complete": bool, "root": NODE}      or, where eliot.parse raises for that task,
    {"tree": UUID, "crash": "KeyError: 'action_status'"}

NODE is {"level", "kind": "action"|"message"|"missing", "type", "status", "start", "end", "children"}:
"missing" is an action whose start and end were both not seen, only known from what is inside it. A message
has one time, as start and end, and no status. A message that has a parent and no action around it makes
the task's root "missing". Each task is parsed on its own, so that one crash does not lose the others.
After a task is complete, eliot's parser begins anew with the same uuid (a message after the end, a fork):
each of these gets a line of its own. Lines that are no JSON object, or have no uuid, are counted on stderr.
"""

import json
import re
import sys

from eliot.parse import Parser, WrittenMessage


def read(paths):
    """The records of all files by task uuid, in the order read, and the number of lines skipped."""
    tasks, skipped = {}, 0
    for path in paths:
        with sys.stdin.buffer if path == "-" else open(path, "rb") as lines:
            for line in lines:
                try:
                    record = json.loads(line)
                    tasks.setdefault(record["task_uuid"], []).append(record)
                except (ValueError, KeyError, TypeError):
                    skipped += 1
    return tasks, skipped


def node(written):
    if isinstance(written, WrittenMessage):
        return {
            "level": list(written.task_level.level),
            "kind": "message",
            "type": written.contents.get("message_type"),
            "status": None,
            "start": written.timestamp,
            "end": written.timestamp,
            "children": [],
        }
    known = written.start_message or written.end_message
    return {
        "level": list(written.task_level.level),
        "kind": "action" if known else "missing",
        "type": written.action_type,
        "status": written.status,
        "start": written.start_time,
        "end": written.end_time,
        "children": [node(child) for child in written.children],
    }


def trees(uuid, records):
    """What eliot.parse makes of one task: usually one row."""
    try:
        return [
            {"tree": uuid, "complete": task.is_complete(), "root": node(task.root())}
            for task in Parser.parse_stream(records)
        ]
    except Exception as error:
        # The address of an object differs from run to run.
        reason = re.sub(r" at 0x[0-9a-f]+", "", str(error))
        return [{"tree": uuid, "crash": f"{type(error).__name__}: {reason}"}]


def main():
    tasks, skipped = read(sys.argv[1:])
    for uuid, records in tasks.items():
        for row in trees(uuid, records):
            print(json.dumps(row))
    if skipped:
        print(f"eliot_parse_dump: lines without a task_uuid: {skipped}", file=sys.stderr)


if __name__ == "__main__":
    main()
