"""Files of Parquet that dl-send has written, as Arrow and Spark read them: each row, with the columns of its folders,
beside what the records say. It takes Spark and pyarrow (170 MB), which is why only scripts/test --scale runs it."""

import datetime
import hashlib
import json
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("DISTLOG_BIN") or os.path.join(os.environ.get("CARGO_TARGET_DIR", ROOT + "/target"), "debug")
VENV = os.environ.get("DISTLOG_SPARK_VENV", os.path.join(ROOT, ".venv-spark"))
# No run takes that long, unless it hangs.
MOST = 400

LEVELS = {"debug": 5, "info": 9, "warning": 13, "error": 17}
COLUMNS = ["hash", "time", "level", "logger", "service", "host", "tree", "record", "date", "hour"]

# Both write rows as lists of COLUMNS, with times in microseconds, hashes in hexadecimal digits, and dates as text.
ARROW = """
import json, sys
import pyarrow.dataset, pyarrow.compute as c
[place, found] = sys.argv[1:]
d = pyarrow.dataset.dataset(place, format="parquet", partitioning="hive")
t = d.to_table(filter=c.field("level") >= 17 if found == "errors" else None)
names = %r
rows = [{n: (t[n][i] if n in t.column_names else None) for n in names} for i in range(t.num_rows)]
def plain(n, v):
    if v is None:
        return None
    v = v.value if n == "time" else v.as_py()
    return v.hex() if n == "hash" else v
types = [str(t.schema.field(n).type) for n in names[:8]]
json.dump([types, [[plain(n, r[n]) for n in names] for r in rows]], sys.stdout)
""" % (COLUMNS,)

SPARK = """
import json, sys
from pyspark.sql import SparkSession as S
[place, found] = sys.argv[1:]
s = S.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
f = s.read.parquet(place)
if found == "errors":
    f = f.where("level >= 17")
names = %r
said = {"hash": "lower(hex(hash))", "time": "unix_micros(time)", "date": "string(date)"}
types = [f.schema[n].dataType.simpleString() for n in names[:8]]
rows = f.selectExpr(*[said.get(n, n) if n in f.columns else "null" for n in names]).collect()
sys.stdout.write("\\nROWS" + json.dumps([types, [list(r) for r in rows]]))
""" % (COLUMNS,)


def records(count):
    """Lines of which everything is known; some have no time, some nothing at all that has a column."""
    lines = []
    for n in range(count):
        record = {"n": n, "text": 'ä "€" \\ \u2028 %d' % n}
        if n % 7:
            day = 20 + n % 3
            nanos = n * 1_001 % 1_000_000_000
            clock = f"{n % 24:02}:{n % 60:02}:{n // 60 % 60:02}"
            record["time"] = f"2026-11-{day}T{clock}.{nanos:09}Z"
        if n % 5:
            record["level"] = list(LEVELS)[n % 4]
            record["logger"] = f"shop.{n % 11}"
        if n % 3:
            record |= {"service": "shop", "host": f"web-{n % 2}", "request_id": f"r{n // 10}"}
        # Blanks and spelling stay as they are.
        lines.append(json.dumps(record, ensure_ascii=n % 2 == 0, separators=(" , ", " : ")) + "\n")
    return lines


def row(line, partition):
    """The row that a line has to be."""
    text = line.rstrip("\n")
    record = json.loads(text)
    moment = micros = None
    if "time" in record:
        moment = datetime.datetime.fromisoformat(record["time"][:26] + "+00:00")
        micros = (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)
    return [
        hashlib.sha256(text.encode()).hexdigest()[:32],
        micros,
        LEVELS.get(record.get("level")),
        record.get("logger"),
        record.get("service"),
        record.get("host"),
        record.get("request_id"),
        text,
        str(moment.date()) if moment and partition != "none" else None,
        moment.hour if moment and partition == "hour" else None,
    ]


class Lake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.held = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.held.cleanup)
        cls.lines = records(3_000)
        cls.places = {}
        for partition, packing in ("hour", "zstd"), ("day", "snappy"), ("none", "none"):
            place = os.path.join(cls.held.name, partition)
            command = [BIN + "/dl-send", f"parquet:{place}?partition={partition}", "--compress", packing]
            subprocess.run(command, input="".join(cls.lines).encode(), timeout=MOST, check=True)
            cls.places[partition] = place

    def check(self, script, partition, types):
        expect = sorted((row(line, partition) for line in self.lines), key=lambda one: one[0])
        for found, wanted in ("all", expect), ("errors", [one for one in expect if (one[2] or 0) >= 17]):
            command = [VENV + "/bin/python", "-c", script, self.places[partition], found]
            ran = subprocess.run(command, capture_output=True, text=True, timeout=MOST)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            said, rows = json.loads(ran.stdout.rpartition("ROWS")[2])
            self.assertEqual(said, types)
            self.assertGreater(len(wanted), 500)
            self.assertEqual(sorted(rows, key=lambda one: one[0]), wanted, f"{partition}, {found}")

    def test_arrow_reads_rows_and_folders(self):
        types = ["binary", "timestamp[us, tz=UTC]", "int16", *["string"] * 5]
        for partition in self.places:
            self.check(ARROW, partition, types)

    def test_spark_reads_rows_and_folders(self):
        types = ["binary", "timestamp", "smallint", *["string"] * 5]
        for partition in "hour", "none":
            self.check(SPARK, partition, types)


if __name__ == "__main__":
    unittest.main()
