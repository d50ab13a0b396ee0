"""Corpora of Eliot's records, in pieces that fit into memory."""

import random
import subprocess
import uuid

import orjson

# What happens to a piece: its name, the share of the records that is lost, and whether they come in any order.
WAYS = [
    ('as written', 0.0, False),
    ('shuffled', 0.0, True),
    ('5 % lost', 0.05, False),
    ('20 % lost, shuffled', 0.20, True),
]

# A task of gen_corpus has some 30 records and 7 kB, so this is a hundred and forty. Few are under way at a time, so
# that most of them are whole.
PIECE, OPEN = '1MB', 40
# Of small ones so many, which have six records on average: eliot.parse takes as long for both.
SMALL = 1_000

NAMES = ['shop:order', 'shop:pay', 'http:get', 'db:query', 'naïve:„ja“', 'with\ttab']
VALUES = [
    0, -1, 2.5, 1e300, True, None, '', 'plain', 'naïve 🙂', 'two\nlines', 'a\x1b[31mred', [], {}, [1, [2, 'x']],
    {'b': 1, 'a': {'deep': [None, False]}},
]


def large(generator, seed):
    """The lines of a piece of gen_corpus."""
    command = [generator, '--kind', 'eliot', '--size', PIECE, '--open', str(OPEN), '--seed', str(seed)]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines(keepends=True)


def small(_, seed):
    """The lines of many small tasks: also of those that gen_corpus has not, like messages outside of any action."""
    chance = random.Random(seed)
    tasks = [Writer(chance).task() for _ in range(SMALL)]
    time = 1_795_176_000.0
    lines = []
    under_way = []
    while tasks or under_way:
        if tasks and len(under_way) < OPEN:
            under_way.append(tasks.pop())
            continue
        task = chance.choice(under_way)
        # Microseconds, as most clocks have them; so the digits are those that a double can tell.
        time = round(time + chance.random() * 0.01, 6)
        lines.append(orjson.dumps(task.pop(0) | {'timestamp': time}) + b'\n')
        if not task:
            under_way.remove(task)
    return lines


class Writer:
    """Writes one task as Eliot does, in the order of its steps."""

    def __init__(self, chance):
        self.chance = chance
        self.uuid = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        self.records = []

    def task(self):
        if self.chance.random() < 0.1:
            self.message([1])
        else:
            self.action([], 0)
        return self.records

    def action(self, level, depth):
        chance, name = self.chance, {'action_type': self.chance.choice(NAMES)}
        self.record([*level, 1], name | {'action_status': 'started'} | self.fields())
        place = 2
        for _ in range(min(chance.randrange(5), chance.randrange(5))):
            if depth < 4 and chance.random() < 0.5:
                self.action([*level, place], depth + 1)
            else:
                self.message([*level, place])
            place += 1
        end = chance.random()
        if end < 0.7:
            self.record([*level, place], name | {'action_status': 'succeeded'} | self.fields())
        elif end < 0.9:
            why = {'exception': 'builtins.ValueError', 'reason': 'no\nsuch thing'}
            self.record([*level, place], name | {'action_status': 'failed'} | why)

    def message(self, level):
        kind = {'message_type': self.chance.choice(NAMES)} if self.chance.random() < 0.9 else {}
        self.record(level, kind | self.fields())

    def record(self, level, more):
        self.records.append({'task_uuid': self.uuid, 'task_level': level} | more)

    def fields(self):
        count = self.chance.randrange(3)
        return {f'field {number}': self.chance.choice(VALUES) for number in range(count)}


def treated(lines, way, seed):
    """The lines after what happened to them."""
    _, lost, shuffled = way
    chance = random.Random(seed)
    lines = [line for line in lines if not lost or chance.random() >= lost]
    if shuffled:
        chance.shuffle(lines)
    return lines
