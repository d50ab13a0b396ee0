"""Reads the options, compares piece by piece, and prints what came of it."""

import argparse
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field

import orjson

import corpus
import dl_tree
import eliot_parse
import picture
from rows import differences

# So many differences are printed, of so many characters each.
SHOWN, WIDTH = 20, 600
# Pieces, until each kind was treated in each way.
ROUND = 2 * len(corpus.WAYS)


@dataclass
class Count:
    """What was compared, and what was not the same."""

    tasks: int = 0
    complete: int = 0
    nodes: int = 0
    records: int = 0
    texts: int = 0
    lines: int = 0
    differ: int = 0
    texts_differ: int = 0
    # Of eliot.parse and of dl-tree with the reading of its output.
    theirs: float = 0.0
    ours: float = 0.0
    told: list = field(default_factory=list)

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def options(words):
    parser = argparse.ArgumentParser(
        prog='peers', description=words, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    target = os.environ.get('CARGO_TARGET_DIR', 'target')
    add = parser.add_argument
    add('files', nargs='*', metavar='FILE', help="logs of Eliot's to compare instead of made ones")
    add('--tasks', type=int, default=4_000, metavar='N', help='how many to make at least (default %(default)s)')
    add('--text', type=int, metavar='N', help="tasks of which eliot-tree's text is compared (default: all)")
    add('--seed', type=int, default=1, metavar='N', help='other seeds give other tasks')
    add('--jobs', type=int, default=1, metavar='N', help='pieces to compare at a time (default %(default)s)')
    add('--program', default=f'{target}/release/dl-tree', metavar='PATH', help='dl-tree (default %(default)s)')
    add('--generator', default=f'{target}/release/examples/gen_corpus', metavar='PATH', help='(default %(default)s)')
    return parser.parse_args()


def piece(job):
    """Compares one piece: (how it is made, its number or path, way, whether the text too, options)."""
    made, number, way, text, chosen = job
    lines = made(chosen.generator, number)
    lines = corpus.treated(lines, way, number)
    with tempfile.NamedTemporaryFile(prefix='peers-', suffix='.ndjson') as file:
        file.writelines(lines)
        file.flush()
        return way[0], compared(lines, file.name, text, chosen)


def compared(lines, path, text, chosen):
    count = Count(records=len(lines))
    records = [orjson.loads(line) for line in lines]
    began = time.monotonic()
    theirs = eliot_parse.tasks(records)
    parsed = time.monotonic()
    trees = dl_tree.run(chosen.program, path)
    ours = dl_tree.tasks(trees)
    count.theirs, count.ours = parsed - began, time.monotonic() - parsed
    for task in itertools.chain(theirs, (task for task in ours if task not in theirs)):
        found = list(told(theirs.get(task), ours.get(task)))
        count.tasks += 1
        if found:
            count.differ += 1
            count.told += [f'{task}: {words}'[:WIDTH] for words in found[:3]]
        else:
            count.complete += ours[task].complete
            count.nodes += len(ours[task].rows)
    if text:
        texts(path, trees, count)
    count.told = count.told[:SHOWN]
    return count


def told(theirs, ours):
    """How the two sides of a task differ."""
    if ours is None:
        yield 'dl-tree does not know it'
    elif theirs is None:
        yield 'eliot.parse does not know it'
    elif len(theirs) > 1:
        yield f'{len(theirs)} tasks of eliot.parse have this id'
    else:
        yield from differences(theirs[0], ours)


def texts(path, trees, count):
    """Compares eliot-tree's pictures."""
    theirs = picture.eliot_tree(path)
    for tree in trees:
        drawn = picture.draw(tree)
        printed = theirs.pop(drawn.split('\n', 1)[0], [])
        count.texts += 1
        count.lines += drawn.count('\n') + 1
        if printed != [drawn]:
            count.texts_differ += 1
            lines = zip('\n'.join(printed).split('\n'), drawn.split('\n'))
            first = next(((a, b) for a, b in lines if a != b), ('another number of lines', ''))
            count.told.append(f'{tree["tree"]}: text: theirs {first[0]!r}, ours {first[1]!r}'[:WIDTH])
    for task in theirs:
        count.texts_differ += 1
        count.told.append(f'{task}: text: only eliot-tree has it')


def jobs(chosen, seen):
    """The pieces to compare, until enough was seen."""
    def text():
        return chosen.text is None or sum(count.texts for count in seen.values()) < chosen.text

    if chosen.files:
        for path, way in itertools.product(chosen.files, corpus.WAYS):
            yield read, path, way, text(), chosen
        return
    kinds = itertools.cycle(itertools.product((corpus.large, corpus.small), corpus.WAYS))
    for number, (made, way) in zip(itertools.count(chosen.seed * 1_000_000), kinds):
        # Whole rounds of kinds and ways.
        if number % ROUND == 0 and sum(count.tasks for count in seen.values()) >= chosen.tasks:
            return
        yield made, number, way, text(), chosen


def read(_, path):
    with open(path, 'rb') as file:
        return file.readlines()


def main(words):
    chosen = options(words)
    for name in ('program',) if chosen.files else ('program', 'generator'):
        if not os.path.exists(getattr(chosen, name)):
            sys.exit(f'peers: {getattr(chosen, name)}: not there\nhint: cargo build --release --bin dl-tree --example gen_corpus')
    began = time.monotonic()
    seen = {way[0]: Count() for way in corpus.WAYS}
    work = jobs(chosen, seen)
    # A round of pieces at a time, so that what was seen counts before the next are made.
    with multiprocessing.Pool(chosen.jobs) as pool:
        while batch := list(itertools.islice(work, ROUND)):
            for way, count in pool.imap_unordered(piece, batch):
                seen[way].add(count)
                progress(chosen, seen, began)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return report(seen)


def progress(chosen, seen, began):
    """One line that is written over, for people."""
    if sys.stderr.isatty():
        tasks = sum(count.tasks for count in seen.values())
        of = '' if chosen.files else f' of {chosen.tasks:,}'
        print(f'\r{time.monotonic() - began:6.0f} s  {tasks:,}{of} tasks', end='\x1b[K', file=sys.stderr, flush=True)


def report(seen):
    print('| records | number | tasks | complete | nodes equal | tasks that differ | texts | lines of text | texts that differ |')
    print('|---|---|---|---|---|---|---|---|---|')
    whole = Count()
    for way, count in seen.items():
        whole.add(count)
        print(row(way, count))
    print(row('all', whole))
    if whole.tasks == 0:
        print('nothing was compared')
        return 1
    print(f'seconds: eliot.parse {whole.theirs:,.1f}, dl-tree and the reading of its output {whole.ours:,.1f}')
    for line in whole.told[:SHOWN]:
        print(line)
    return int(whole.differ + whole.texts_differ > 0)


def row(name, count):
    numbers = (
        count.records, count.tasks, count.complete, count.nodes, count.differ, count.texts, count.lines, count.texts_differ,
    )
    return f'| {name} | ' + ' | '.join(f'{number:,}' for number in numbers) + ' |'
