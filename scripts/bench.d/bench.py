"""Measures whole pipelines: reads the options, runs the works, prints the tables."""

import argparse
import json
import os
import sys

import corpus
import latency
import machine
import queues
import report
import runner
import spark
import stores
import streams
import wire
import works


# Works whose rows are records a second, by the module that measures them.
OTHERS = {name: module for module in (wire, streams, stores, queues) for name in module.WORKS}
NAMES = [*works.NAMES, *OTHERS, spark.WORK]


def options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    add = parser.add_argument
    add("--setup", action="store_true", help="install the peers (alone, or with --with-jaq)")
    add("--size", default="200MB", help="of each corpus (default %(default)s; quote 1GB)")
    add("--part", metavar="SIZE", help="what peers get that are too slow for all (each its own)")
    add("--rounds", type=int, default=3, metavar="N", help="runs of each program (default 3)")
    add("--work", nargs="+", metavar="NAME", choices=NAMES, help="only these works")
    add("--tool", nargs="+", metavar="NAME", help="only these programs beside ours")
    add("--json", metavar="FILE", help="write every single figure there")
    add("--keep", default="target/bench", metavar="DIR", help="for the corpora (%(default)s)")
    add("--list", action="store_true", help="print the works and their commands")
    return parser.parse_args()


def main():
    chosen = options()
    corpora = corpus.Corpora(chosen.keep, chosen.size)
    names = chosen.work or NAMES
    if chosen.list:
        return report.commands(names)
    facts = machine.facts()
    report.machine(facts, chosen)
    results, failures = [], []
    for name in names:
        if name == works.LATENCY:
            rows = latency.measure(chosen.tool)
            report.latencies(rows)
        elif name == spark.WORK:
            rows = spark.measure(chosen.tool, corpora, chosen.rounds)
            report.scale(rows)
        elif name in OTHERS:
            module = OTHERS[name]
            rows = module.measure(name, chosen.tool, chosen.rounds)
            report.wire(name, module.WORKS[name][0], rows)
        else:
            work = works.make(name, chosen.part)
            rows = runner.measure(work, corpora, chosen.rounds, chosen.tool)
            report.table(work, rows)
        results += [{"work": name, **row} for row in rows]
        for row in rows:
            if row.get("failure"):
                failures.append(f"{name}: {row['tool']}: {row['failure']}")
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump({"machine": facts, "size": chosen.size, "results": results}, file, indent=1)
    for failure in failures:
        print(f"bench: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    os.environ.setdefault("DISTLOG_BIN", "target/release")
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
