#!/usr/bin/env python3
"""Prints how many tests passed and failed, by what a test runner wrote into a file."""

import re
import sys


def numbers(text: str) -> tuple[int, int]:
    # A program may colour what it writes.
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    passed = failed = 0
    # cargo-nextest: one line at the end.
    for line in re.findall(r"^ *Summary \[.*?\] (.*)$", text, re.M):
        passed += sum(map(int, re.findall(r"(\d+) passed", line)))
        failed += sum(map(int, re.findall(r"(\d+) (?:failed|timed out|exec failed)", line)))
    if passed or failed:
        return passed, failed
    # cargo test: a line for each binary.
    for good, bad in re.findall(r"^test result: .*? (\d+) passed; (\d+) failed", text, re.M):
        passed += int(good)
        failed += int(bad)
    # unittest: what ran, and what of it did not pass.
    for ran, end in re.findall(r"^Ran (\d+) tests? in .*?\n+(OK|FAILED)", text, re.M):
        words = re.search(r"^FAILED \((.*)\)$", text, re.M)
        bad = sum(map(int, re.findall(r"(?:failures|errors)=(\d+)", words.group(1)))) if words else 0
        # A subtest that fails counts by itself, so more may fail than ran.
        passed += max(0, int(ran) - bad)
        failed += bad if end == "FAILED" else 0
    return passed, failed


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        print(*numbers(file.read()))
