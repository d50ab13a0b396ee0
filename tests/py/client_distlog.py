#!/usr/bin/env python3
"""Logs with the package distlog 0.1.dev0 as it is, into a ZeroMQ PULL socket.

    client_distlog.py ENDPOINT {json|pickle}

What it sent stands on stdout as one JSON object, once all of it is delivered: `records` is their number,
`keys` the context keys in the order sent (null outside of tasks), `tasks` the task ids by name.
"""

import json
import logging
import sys
import time

import zmq
from distlog import JSONFormatter, PickleFormatter, ZmqHandler, task, to

# What the receiver may take until it has read all; without it a lost receiver would hang the test.
LINGER_MS = 30_000


class Sent(logging.Handler):
    """Notes each record. It stands behind distlog's handler, and sees what that one has made of it:

    `message` is the text as sent, newlines escaped; the arguments are gone.
    """

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        key = record.context["key"] if record.context else None
        self.records.append({"key": key, "level": record.levelname, "message": record.message})


def fail(reason):
    raise ValueError(reason)


def work():
    """Returns the ids of the tasks by name."""
    tasks = {}
    log = logging.getLogger("client.work")
    log.info("outside of any task")
    log.debug("with %s and %d", "arguments", 17)

    with task("greet %s", "the world", user="ada", attempt=1) as root:
        tasks["greet"] = str(root.id)
        log.info("in the root", extra={"shelf": "B4", "price": 24.9, "tags": ["a", "b"]})
        with to("say hello", step=1) as hello:
            log.debug("hello")
            hello.bind(volume=11)
            log.warning("too loud")
            with to("open the mouth"):
                log.info("two levels down, three lines:\nsecond\nthird")
            hello.success("said hello to %d of them", 2)
        with to("say goodbye", step=2):
            log.info("this scope tells no success, so distlog logs no end of it")
        root.success("greeted")

    try:
        with task("fail on purpose", user="grace") as failing:
            tasks["fail"] = str(failing.id)
            with to("go deep"):
                with to("go deeper"):
                    log.info("about to fail")
                    fail("naïve „reason“ — with 🙂")
    except ValueError:
        log.exception("caught outside of the task")

    with task("handle an exception inside") as handling:
        tasks["handle"] = str(handling.id)
        try:
            fail("handled")
        except ValueError:
            log.exception("it is handled, the task goes on")
        handling.success("went on")

    log.critical("outside again", extra={"level_of": None, "nested": {"deep": [1, {"er": True}]}})
    return tasks


def main():
    endpoint, encoding = sys.argv[1:]
    handler = ZmqHandler(endpoint, system="T")
    handler.setFormatter({"json": JSONFormatter, "pickle": PickleFormatter}[encoding]())
    sent = Sent()
    logging.basicConfig(level=logging.DEBUG, handlers=[handler, sent])

    tasks = work()

    handler.socket.close(linger=LINGER_MS)
    closed = time.monotonic()
    # Returns when the last message has left for the receiver, or the linger time is over.
    zmq.Context.instance().term()
    if time.monotonic() - closed >= 0.95 * LINGER_MS / 1000:
        sys.exit("client_distlog: nobody took the last messages")
    keys = [record["key"] for record in sent.records]
    summary = {"records": len(keys), "tasks": tasks, "keys": keys, "sent": sent.records}
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
