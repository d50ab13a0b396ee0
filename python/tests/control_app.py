"""A program whose levels are changed, for test_control.py: does what it reads from stdin, and says how it went.

    control_app.py RECORDS LEVELS NAME HOST
"""

import logging
import os
import sys

from distlog import control, import_task
from distlog.handlers import NdjsonHandler, ZmqHandler


def main(records, levels, name, host):
    handler = ZmqHandler(records) if records.startswith(("tcp://", "ipc://")) else NdjsonHandler(records)
    # Answers come all the same.
    handler.setLevel(logging.DEBUG if name != "quiet" else logging.ERROR)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("orders.db")
    control.start(levels, process=name, host=host)
    print("ready", os.getpid(), flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        print(COMMANDS[command](*words), flush=True)


def is_on(name, level="DEBUG"):
    return "yes" if logging.getLogger(name).isEnabledFor(getattr(logging, level)) else "no"


def say(name, text):
    logging.getLogger(name).debug(text)
    return "said"


def set_level(name, level):
    logging.getLogger(name).setLevel(level)
    return "set"


def own_level(name):
    return logging.getLevelName(logging.getLogger(name).level)


def in_task(tree, name):
    with import_task(f"{tree}/1", "work for %s", tree):
        return is_on(name)


def rules():
    return ",".join(one["id"] for one in control.rules()) or "none"


def traces():
    """What is left of rules: nothing, mostly."""
    found = [one.name for one in map(logging.getLogger, list(logging.root.manager.loggerDict)) if type(one._cache) is not dict]
    return ",".join(found + (["getLogger"] if "getLogger" in logging.root.manager.__dict__ else [])) or "none"


_child = []


def fork():
    """A child that goes on like this one, over a pipe, until `reap`."""
    to_child, from_parent = os.pipe()
    to_parent, from_child = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(from_parent)
        os.close(to_parent)
        try:
            with os.fdopen(to_child) as commands, os.fdopen(from_child, "w") as answers:
                for line in commands:
                    command, *words = line.split()
                    print(COMMANDS[command](*words), file=answers, flush=True)
        finally:
            logging.shutdown()
            os._exit(0)
    os.close(to_child)
    os.close(from_child)
    _child[:] = [pid, os.fdopen(from_parent, "w"), os.fdopen(to_parent)]
    return str(pid)


def child(*words):
    print(*words, file=_child[1], flush=True)
    return _child[2].readline().strip()


def reap():
    _child[1].close()
    _child[2].close()
    os.waitpid(_child[0], 0)
    return "gone"


COMMANDS = {
    "task": in_task, "on": is_on, "say": say, "level": set_level, "own": own_level, "rules": rules, "traces": traces,
    "fork": fork, "child": child, "reap": reap,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
