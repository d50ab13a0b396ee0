"""What one would write in Python: trees from Eliot records.

    baseline.py group FILE    a dict of lists, each task's records in tree order
    baseline.py parse FILE    eliot.parse, one line for each task
"""

import json
import sys


def group(lines):
    tasks = {}
    for line in lines:
        record = json.loads(line)
        tasks.setdefault(record["task_uuid"], []).append(record)
    for uuid, records in tasks.items():
        records.sort(key=lambda record: record["task_level"])
        print(json.dumps({"tree": uuid, "records": records}))


def parse(lines):
    from eliot.parse import Parser

    parser = Parser()
    for line in lines:
        complete, parser = parser.add(json.loads(line))
        for task in complete:
            print("complete", len(task.root().children))
    for _ in parser.incomplete_tasks():
        print("incomplete")


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as lines:
        {"group": group, "parse": parse}[sys.argv[1]](lines)
