"""What eliot.parse makes of records: the stream goes through one parser, as its users do it."""

from eliot.parse import Parser, WrittenMessage

from rows import Row, Task


def tasks(records):
    """Tasks by their ids, those with one id in a list: after a task is complete the parser begins a new one."""
    found = {}
    for task in Parser.parse_stream(records):
        rows = []
        add(task.root(), 0, rows)
        found.setdefault(task.root().task_uuid, []).append(Task(task.is_complete(), rows))
    return found


def add(node, depth, rows):
    level = tuple(node.task_level.level)
    if isinstance(node, WrittenMessage):
        rows.append(Row(depth, level, (node.as_dict(),)))
        return
    own = tuple(message and message.as_dict() for message in (node.start_message, node.end_message))
    rows.append(Row(depth, level, own, node.action_type, node.status, node.start_time, node.end_time))
    for child in node.children:
        add(child, depth + 1, rows)
