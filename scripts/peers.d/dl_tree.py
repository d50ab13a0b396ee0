"""What dl-tree makes of records, read from the JSON that it writes."""

import subprocess
from datetime import datetime, timezone

import orjson

from rows import Row, Task

# A node whose own records were not seen has no state, as with Eliot.
STATES = {'running': 'started', 'succeeded': 'succeeded', 'failed': 'failed', 'unknown': None}


def run(program, path):
    """The trees of a file."""
    process = subprocess.run([program, path], stdout=subprocess.PIPE, check=True)
    return [orjson.loads(line) for line in process.stdout.splitlines()]


def tasks(trees):
    """Tasks by their ids."""
    found = {}
    for tree in trees:
        rows = []
        add(tree['root'], 0, rows)
        lone(rows)
        assert tree['tree'] not in found, f'{tree["tree"]} comes twice'
        found[tree['tree']] = Task(tree['complete'], rows)
    return found


def parts(node):
    """The record that starts a node, the record that ends it, and what is inside it, in order."""
    start = end = None
    inside = []
    children = iter(node.get('children', ()))
    child = next(children, None)
    for at, record in enumerate(node['records']):
        while child and child.get('after', 0) <= at:
            inside.append(child)
            child = next(children, None)
        if 'action_type' not in record:
            inside.append(record)
        elif record['action_status'] == 'started':
            start = record
        else:
            end = record
    while child:
        inside.append(child)
        child = next(children, None)
    return start, end, inside


def add(node, depth, rows):
    start, end, inside = parts(node)
    level = tuple(int(part) for part in node['node'].split('/') if part)
    known = start or end
    row = Row(depth, level, (start, end), status=STATES[node['status']])
    if known:
        row.type = node['name']
    # Without a start dl-tree tells when the first record came; eliot.parse tells nothing.
    if start:
        row.start = instant(node['start'])
    if end:
        row.end = instant(node['end'])
    missing = {'start_missing', 'inferred'} & set(node.get('flags', ()))
    # What was not seen must be said; messages at the root need no action around them.
    if level and bool(missing) != (start is None):
        row.status = f'{row.status} with flags {sorted(missing)}'
    rows.append(row)
    for part in inside:
        if 'node' in part and 'task_level' not in part:
            add(part, depth + 1, rows)
        else:
            rows.append(Row(depth + 1, tuple(part['task_level']), (part,)))


def lone(rows):
    """A message outside of any action is a task of its own, and not an action around it."""
    if len(rows) == 2 and rows[0].records == (None, None) and rows[1].level == (1,):
        rows.pop(0)
        rows[0].depth = 0


def instant(text):
    """A time as dl-tree writes it, in seconds."""
    whole, _, fraction = text.rstrip('Z').partition('.')
    seconds = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp()
    # By way of the digits, so that it is the double that Eliot had.
    return float(f'{seconds:.0f}.{fraction or 0}')
