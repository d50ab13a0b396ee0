"""dl-tree's trees drawn in eliot-tree's manner, and what eliot-tree itself prints."""

import os
import subprocess
import sys

from dl_tree import parts

# Of a record, what its line tells already.
TOLD = {'action_status', 'action_type', 'task_level', 'task_uuid', 'message_type', 'timestamp'}
FORK, LAST, LINE, GAP = '├── ', '└── ', '│   ', '    '
# Control characters are shown by their pictures.
PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: '␡'}
VALUE = {code: shown for code, shown in PICTURES.items() if code != 0x0A}


def eliot_tree(path):
    """What eliot-tree prints of a file, by task id; values whole and as they are."""
    program = os.path.join(os.path.dirname(sys.executable), 'eliot-tree')
    command = [program, '--raw', '--color', 'never', '--no-color-tree', '--field-limit', '0', path]
    environment = dict(os.environ, PYTHONUTF8='1')
    text = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment, encoding='utf-8').stdout
    # Each picture ends with an empty line; a line within it never is.
    pictures = [picture for picture in text.split('\n\n') if picture.strip()]
    found = {}
    for picture in pictures:
        found.setdefault(picture.split('\n', 1)[0], []).append(picture.rstrip('\n'))
    return found


def draw(tree):
    """A tree of dl-tree's in the same form."""
    lines = [tree['tree'].translate(PICTURES)]
    root = tree['root']
    start, end, inside = parts(root)
    lone = start is None and end is None and len(inside) == 1 and inside[0].get('task_level') == [1]
    below([message(inside[0]) if lone else action(root)], '', lines)
    return '\n'.join(lines)


def below(items, prefix, lines):
    """Draws what is below a line: each a label, and what is below that."""
    for number, (label, inner) in enumerate(items, 1):
        fork, line = (LAST, GAP) if number == len(items) else (FORK, LINE)
        lines.append(prefix + fork + label.replace('\n', f'⏎\n{prefix}{line}'))
        below(inner, prefix + line, lines)


def action(node):
    start, end, inside = parts(node)
    label = title(start, end) if start else '<unnamed>'
    items = fields(start) if start else []
    items += [action(part) if 'task_level' not in part else message(part) for part in inside]
    items += [message(end)] if end else []
    return label, items


def message(record):
    return title(record, None), fields(record)


def title(record, end):
    level = '/' + '/'.join(map(str, record['task_level']))
    # A time of an action is a number for eliot-tree, and its name of the field is not the record's.
    time = repr(record['timestamp'])
    if 'action_type' in record:
        duration = f' ⧖ {end["timestamp"] - record["timestamp"]!r}' if end else ''
        name = str(record['action_type']).translate(PICTURES)
        return f'{name}{level} ⇒ {record["action_status"]} {time}{duration}'
    if 'message_type' in record:
        return f'{str(record["message_type"]).translate(PICTURES)}{level} {time}'
    return '<unnamed>'


def fields(record):
    return [field(key, record[key]) for key in sorted(record) if key not in TOLD]


def field(key, value):
    match value:
        case dict():
            shown, inner = '', [field(*item) for item in sorted(value.items())]
        case list():
            shown, inner = '', [field(*item) for item in enumerate(value)]
        case str():
            shown, inner = value.translate(VALUE), []
        case _:
            shown, inner = repr(value).translate(VALUE), []
    return f'{str(key).translate(PICTURES)}: {shown}', inner
