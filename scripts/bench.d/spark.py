"""What more than one process costs: the trees of one file by dl-tree alone, by several beside each other under GNU
parallel, and by Spark, each on one core and on two. All write their trees to a file, and all have to be the same."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
import zlib

import corpus
import machine

WORK = "spark"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SPARK = os.path.join(ROOT, "scripts", "dl-spark")
PARALLEL = "seq {n} | parallel -j {n} 'dl-filter -j1 --shard {{}}/{n} {file} | dl-tree -j1' > {out}/trees"


def _jobs(cores, file, out):
    """Each tool with its command on so many cores."""
    spark = f"{SPARK} --master 'local[{cores}]' --output {out}/spark"
    return {
        f"dl-tree -j{cores}": f"dl-tree -j{cores} {file} > {out}/trees",
        f"parallel -j{cores}": PARALLEL.format(n=cores, file=file, out=out),
        f"dl-spark local[{cores}]": f"{spark} {file}",
        # What of it is there without any record.
        f"dl-spark local[{cores}], no records": f"{spark} /dev/null",
    }


def measure(tools, corpora, rounds):
    """Rows for the table, one for each tool."""
    file = os.path.abspath(corpora.path("eliot"))
    corpus.warm(file)
    absent = {"dl-spark": None if _has_spark() else "scripts/dl-spark --setup has not been run"}
    absent["parallel"] = None if shutil.which("parallel") else "parallel is not installed"
    rows, truth = {}, None
    with tempfile.TemporaryDirectory(dir=corpora.directory) as folder:
        empty = os.path.join(folder, "empty.ndjson")
        with open(empty, "wb"):
            pass
        for _ in range(rounds):
            for cores in (1, 2):
                for tool, command in _jobs(cores, file, folder).items():
                    name = tool.split()[0]
                    if absent.get(name):
                        rows.setdefault(name, {"tool": name, "absent": absent[name]})
                        continue
                    if tools and name not in tools and name != "dl-tree":
                        continue
                    row = rows.setdefault(tool, {"tool": tool, "cores": cores, "runs": []})
                    row["runs"].append(_run(command.replace("/dev/null", empty), cores))
                    counted = _sum(folder)
                    truth = truth or counted
                    if counted != truth and "no records" not in tool:
                        row["failure"] = f"other trees came out: {counted}, expected {truth}"
    for row in rows.values():
        if not row.get("absent"):
            row["seconds"] = statistics.median(run["seconds"] for run in row["runs"])
            row["cpu_seconds"] = statistics.median(run["cpu_seconds"] for run in row["runs"])
            row["mb_per_s"] = os.path.getsize(file) / row["seconds"] / 1e6
            _ratio(row, rows)
    return list(rows.values())


def _has_spark():
    folder = os.environ.get("DISTLOG_SPARK_VENV", os.path.join(ROOT, ".venv-spark"))
    return os.path.exists(os.path.join(folder, "made-of.txt"))


def _run(command, cores):
    path = f"{os.path.abspath(os.environ['DISTLOG_BIN'])}:{os.environ['PATH']}"
    # One core is one core, for all that a tool starts.
    before = os.sched_getaffinity(0)
    pinned = sorted(before)[:cores]
    begin = time.monotonic()
    child = subprocess.Popen(
        ["bash", "-c", command], env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, pinned),
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command} has failed")
    return {"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime}


def _sum(folder):
    """How many trees there are, and a sum that does not depend on their order; removes them."""
    count = total = 0
    paths = [os.path.join(folder, "trees")]
    if os.path.isdir(spark := os.path.join(folder, "spark")):
        paths += [os.path.join(spark, name) for name in os.listdir(spark)]
    for path in paths:
        if os.path.exists(path):
            with open(path, "rb") as lines:
                for line in lines:
                    count += 1
                    total = (total + zlib.crc32(line)) % 2**64
            os.remove(path)
    shutil.rmtree(spark, ignore_errors=True)
    return count, total


def _ratio(row, rows):
    """How many times as long as dl-tree with as many workers it took, for Spark without its start."""
    cores = row["cores"]
    alone = rows[f"dl-tree -j{cores}"]["runs"]
    start = rows.get(f"dl-spark local[{cores}], no records")
    if row["tool"].startswith("dl-tree") or row is start:
        return
    starts = [run["seconds"] for run in start["runs"]] if row["tool"].startswith("dl-spark") else [0] * len(alone)
    pairs = [(its["seconds"] - begin) / one["seconds"] for its, begin, one in zip(row["runs"], starts, alone)]
    row["ratio"] = [statistics.median(pairs), min(pairs), max(pairs)]
