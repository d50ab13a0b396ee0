"""What rules over levels cost a call that is not logged: `PYTHONPATH=python python3 python/bench/levels.py`.

Seconds of the processor, the least of 15 rounds, in which the cases take turns.
"""

import logging
import time

from distlog import levels

CALLS = 100_000
ROUNDS = 15


def rule(loggers, level, task=None):
    return levels.Rule("bench", loggers, level, time.monotonic() + 3600, task)


CASES = {
    "no rule": (),
    "a rule for other loggers": (rule("other.*", logging.DEBUG),),
    "a rule that reaches it": (rule("orders.*", logging.WARNING),),
    "a rule for another task": (rule("orders.*", logging.DEBUG, "40be6df2-c2c4-4a1f-a1b4-b8d5b5b0f8b2"),),
}


def measure(logger):
    began = time.process_time()
    for _ in range(CALLS):
        logger.debug("row %s", 17)
    return (time.process_time() - began) / CALLS


def main():
    logging.basicConfig(level=logging.WARNING, handlers=[logging.NullHandler()])
    logger = logging.getLogger("orders.db")
    least = {name: float("inf") for name in ("logging, before anything", *CASES)}
    for _ in range(ROUNDS):
        least["logging, before anything"] = min(least["logging, before anything"], measure(logger))
    for _ in range(ROUNDS):
        for name, rules in CASES.items():
            levels.replace(lambda now, rules=rules: rules)
            least[name] = min(least[name], measure(logger))
    levels.replace(lambda now: ())
    for name, seconds in least.items():
        print(f"{name:30} {seconds * 1e9:6.0f} ns")


if __name__ == "__main__":
    main()
