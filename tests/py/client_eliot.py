#!/usr/bin/env python3
"""Logs with the package eliot, in two real processes that share one task.

    client_eliot.py [--summary FILE] OUT1 OUT2
    client_eliot.py [--summary FILE] --stdout

The first process starts an action with others inside, serializes the task id and starts the second, which
continues the task; one of its actions fails. Each writes a file of its own, or both write to stdout.
`--summary` (default: stderr) gets what is to be found, as one JSON object: `records` is the number of all,
`tasks` by name have each its uuid, the number of its records, and its actions, [type, status, children].
One more record stands outside of any action, so that there are three trees.
"""

import argparse
import json
import subprocess
import sys

import eliot


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--summary")
    parser.add_argument("--stdout", action="store_true")
    # How the first process starts the second: the id of the task that it continues.
    parser.add_argument("--continue", dest="task_id", help=argparse.SUPPRESS)
    parser.add_argument("out", nargs="*")
    options = parser.parse_args()
    if len(options.out) != (0 if options.stdout else 1 if options.task_id else 2):
        parser.error("wants OUT1 and OUT2, or --stdout")
    return options


def first_process(second):
    """Logs the caller's part; `second` runs the other process with the task id it gets."""
    eliot.log_message("outside:action", note="a task of its own, with one record")

    with eliot.start_action(action_type="shop:order", order=17, user="ada") as order:
        eliot.log_message("shop:cart", items=["teapot", "atlas"], total=83.9)
        with eliot.start_action(action_type="shop:reserve", item="teapot") as reserve:
            eliot.log_message("shop:shelf", shelf="B4", left=63)
            with eliot.start_action(action_type="shop:reserve:write"):
                pass
            reserve.add_success_fields(left=63)
        second(order.serialize_task_id().decode("ascii"))
        eliot.log_message("shop:answered", big=2**60, ratio=0.5, none=None, text="naïve „text“ 🙂\nline two")
        order.add_success_fields(parcel="P00017-B3")

    try:
        with eliot.start_action(action_type="shop:refused", order=18) as refused:
            raise KeyError("huge")
    except KeyError:
        pass

    tree = ["shop:order", "succeeded", [
        ["shop:reserve", "succeeded", [["shop:reserve:write", "succeeded", []]]],
        ["worker:pack", "succeeded", [
            ["worker:choose_box", "succeeded", []],
            ["worker:wrap", "failed", [["worker:fetch_paper", "failed", []]]],
        ]],
    ]]
    tasks = {
        "order": {"uuid": order.task_uuid, "records": 19, "tree": tree},
        "refused": {"uuid": refused.task_uuid, "records": 2, "tree": ["shop:refused", "failed", []]},
    }
    return {"records": 22, "tasks": tasks}


def second_process(task_id):
    """Logs the callee's part, under the id that the caller reserved for it."""
    with eliot.Action.continue_task(task_id=task_id, action_type="worker:pack") as pack:
        with eliot.start_action(action_type="worker:choose_box", size="medium") as choice:
            choice.add_success_fields(box="B3")
        try:
            with eliot.start_action(action_type="worker:wrap"):
                eliot.log_message("worker:fragile", wraps=2)
                with eliot.start_action(action_type="worker:fetch_paper"):
                    raise FileNotFoundError(2, "no such shelf", "W9")
        except FileNotFoundError:
            eliot.write_traceback()
        pack.add_success_fields(parcel="P00017-B3")


def main():
    options = parse_arguments()
    eliot.to_file(sys.stdout if options.stdout else open(options.out[0], "a", encoding="utf-8"))
    if options.task_id:
        second_process(options.task_id)
        return

    def second(task_id):
        where = ["--stdout"] if options.stdout else options.out[1:]
        subprocess.run([sys.executable, __file__, "--continue", task_id, *where], check=True)

    summary = json.dumps(first_process(second))
    if options.summary:
        with open(options.summary, "w", encoding="utf-8") as file:
            print(summary, file=file)
    else:
        print(summary, file=sys.stderr)


if __name__ == "__main__":
    main()
