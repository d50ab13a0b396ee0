"""scripts/dl-spark beside one dl-tree: the same trees, wherever the pieces of files end and whoever reads them, and no
failure without its words. It takes Spark and so some minutes; scripts/test --scale runs it."""

import glob
import gzip
import json
import os
import stat
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("DISTLOG_BIN") or os.path.join(os.environ.get("CARGO_TARGET_DIR", ROOT + "/target"), "debug")
SPARK = os.path.join(ROOT, "scripts", "dl-spark")
VENV = os.environ.get("DISTLOG_SPARK_VENV", os.path.join(ROOT, ".venv-spark"))
# No run takes that long, unless it hangs.
MOST = 400


def spark(*words, **env):
    """A run of dl-spark with two cores."""
    command = [SPARK, "--master", "local[2]", "--bin", BIN, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=MOST, env={**os.environ, **env})


def written(folder):
    """The lines of all parts, sorted."""
    lines = []
    for path in glob.glob(os.path.join(folder, "part-*")):
        with open(path, "rb") as file:
            lines += file.read().splitlines(keepends=True)
    return sorted(lines)


def one_process(files, *flags):
    """What one dl-tree writes of them, sorted, and what it says."""
    ran = subprocess.run([os.path.join(BIN, "dl-tree"), *flags, *files], capture_output=True, timeout=MOST, check=True)
    return sorted(ran.stdout.splitlines(keepends=True)), ran.stderr.decode()


class Spark(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([SPARK, "--setup"], check=True, timeout=900)
        cls.held = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.held.cleanup)
        folder = os.path.join(cls.held.name, "in")
        os.mkdir(folder)
        cls.files = []
        for at, path in enumerate(sorted(glob.glob(ROOT + "/tests/data/samples/*.ndjson"))):
            with open(path, "rb") as file:
                text = file.read()
            name = os.path.join(folder, os.path.basename(path))
            if at % 5 == 0:
                name, text = name + ".gz", gzip.compress(text)
            cls.write(name, text)
        # Bytes that are no UTF-8, a CR, a line that is nothing, no newline at the end, and documents of two traces.
        odd = b'{"task_uuid":"odd","task_level":[1],"text":"\xff\xfe"}\r\n\nnothing\n[{"no":"tree"}]\n'
        spans = b"".join(
            b'{"traceId":"6b003e24000000007fd21e1e22f804a%d","spanId":"aa0000000000000%d","name":"n"},' % (n, n + 1)
            for n in range(2)
        )
        odd += b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + spans[:-1] + b"]}]}]}\n"
        odd += b'{"task_uuid":"odd","task_level":[2],"text":"end"}'
        cls.write(os.path.join(folder, "odd.ndjson"), odd)
        cls.folder = folder

    @classmethod
    def write(cls, name, text):
        with open(name, "wb") as file:
            file.write(text)
        cls.files.append(name)

    def place(self, name):
        return os.path.join(self.held.name, f"{self.id().rpartition('.')[2]}-{name}")

    def test_files_in_pieces_give_the_trees_of_one_process(self):
        out = self.place("trees")
        ran = spark("--output", out, "--split", "3kB", "--partitions", "3", self.folder, "--", "--loose", "pass")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        trees, said = one_process(self.files, "--loose", "pass")
        self.assertEqual(written(out), trees)
        self.assertGreater(len(trees), 100)
        self.assertEqual(sorted(os.listdir(out)), ["_SUCCESS", *(f"part-{n:05}.ndjson" for n in range(3))])
        # Both reject the same lines; the places are those of pieces.
        counted = said.splitlines()[0].partition(",")[0]
        self.assertRegex(counted, r"^dl-tree: \d+ lines rejected$")
        self.assertIn(counted + ", the first at ", ran.stderr)
        self.assertEqual(ran.stdout, "")

    def test_what_spark_reads_and_writes_is_the_same(self):
        out = self.place("trees")
        ran = spark("--output", "file://" + out, "--read", "spark", "--partitions", "2", self.folder)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(written(out), one_process(self.files)[0])

    def test_parquet_has_the_lines_and_columns_to_select_by(self):
        out = self.place("trees")
        ran = spark("--output", out, "--to", "parquet", self.folder)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        script = (
            "import sys; from pyspark.sql import SparkSession as S\n"
            "s = S.builder.master('local[1]').config('spark.ui.enabled', 'false').getOrCreate()\n"
            "f = s.read.parquet(sys.argv[1])\n"
            "for r in f.selectExpr('cast(json as binary)').collect(): sys.stdout.buffer.write(r[0] + b'\\n')\n"
            "said = [[r.tree, r.scheme, r.status, r.records] for r in f.collect()]\n"
            "years = f.selectExpr('year(min(start))').first()[0]\n"
            "import json; sys.stderr.write('\\nSAID' + json.dumps([said, years]))\n"
        )
        back = subprocess.run([VENV + "/bin/python", "-c", script, out], capture_output=True, timeout=MOST)
        trees = one_process(self.files)[0]
        self.assertEqual(sorted(back.stdout.splitlines(keepends=True)), trees, back.stderr)
        said, year = json.loads(back.stderr.rpartition(b"SAID")[2])
        parsed = [json.loads(tree.decode(errors="replace"), strict=False) for tree in trees]
        self.assertEqual(sorted(said), sorted([t["tree"], t["scheme"], t["status"], t["records"]] for t in parsed))
        self.assertIn(year, range(2000, 2030))

    def test_a_failed_program_fails_the_job_with_its_words(self):
        out = self.place("trees")
        ran = spark("--output", out, self.folder, "--", "--memory", "much")
        self.assertEqual(ran.returncode, 2, ran.stderr)
        self.assertRegex(ran.stderr, r"^dl-spark: partition \d+: dl-tree has ended with status 2\n")
        self.assertIn("dl-spark: dl-tree: invalid value 'much' for '--memory <BYTES>'", ran.stderr)
        self.assertNotIn("Traceback", ran.stderr)
        self.assertFalse(os.path.exists(out))

    def test_a_part_whose_program_is_killed_is_done_again(self):
        bin_, out = self.place("bin"), self.place("trees")
        os.mkdir(bin_)
        os.symlink(os.path.join(BIN, "dl-filter"), os.path.join(bin_, "dl-filter"))
        # The first dl-tree of all is killed when it has read and written something.
        script = (
            f"#!/bin/sh\nif mkdir '{bin_}/killed' 2> /dev/null; then\n  '{BIN}/dl-tree' \"$@\" | head -c 1000\n"
            f"  kill -9 $$\nfi\nexec '{BIN}/dl-tree' \"$@\"\n"
        )
        tree = os.path.join(bin_, "dl-tree")
        with open(tree, "w", encoding="utf-8") as file:
            file.write(script)
        os.chmod(tree, os.stat(tree).st_mode | stat.S_IXUSR)
        ran = spark("--master", "local[2,3]", "--bin", bin_, "--output", out, self.folder)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertTrue(os.path.isdir(os.path.join(bin_, "killed")))
        self.assertEqual(written(out), one_process(self.files)[0])
        # Without a second attempt it is told how it ended.
        os.rmdir(os.path.join(bin_, "killed"))
        ran = spark("--bin", bin_, "--output", self.place("none"), self.folder)
        self.assertEqual(ran.returncode, 2, ran.stderr)
        self.assertRegex(ran.stderr, r"dl-spark: partition \d: dl-tree was killed by signal 9")

    def test_what_cannot_be_is_refused_at_once(self):
        def check(words, *lines):
            ran = spark(*words)
            self.assertEqual((ran.returncode, ran.stderr), (2, "".join(f"dl-spark: {line}\n" for line in lines)))

        out = ["--output", self.place("x")]
        check([*out, "missing.ndjson"], "missing.ndjson: no such file or directory")
        check(["--output", self.folder, self.folder], f"{self.folder}: it is there already",
              "use another name, or remove it")
        check([*out, self.folder, "--", "--join", ".order"],
              "-- --join: what it joins may be in different partitions")
        check([*out, self.folder, "--", "--id", ".a"], "-- --id: without --tree, which records belong together is "
              "known only when all are in one place")
        check([*out, self.folder, "--", "--summary", "more.ndjson"], "-- more.ndjson: inputs stand before --")
        help_ = spark("--help", PATH="/usr/bin:/bin", DISTLOG_SPARK_VENV="/nowhere")
        self.assertEqual(help_.returncode, 0, help_.stderr)
        self.assertIn("--partitions N", help_.stdout)

    def test_own_ids_and_torn_trees(self):
        lines = b"".join(b'{"job":"j%d","order":"order-%d"}\n' % (n, n % 7) for n in range(70))
        # Two trees, which one record joins.
        lines += b'{"trace_id":"7fd21e1e22f804ac","request_id":"b1946ac9-2c4f"}\n{"request_id":"b1946ac9-2c4f"}\n'
        file = self.place("own.ndjson")
        self.write(file, lines)
        self.files.remove(file)
        own = ["--id", ".job", "--tree", ".order"]
        ran = spark("--output", self.place("trees"), "--partitions", "5", "--split", "1kB", file, "--", *own)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("dl-filter: 1 record with ids of several trees", ran.stderr)
        trees = [tree for tree in one_process([file], *own)[0] if b'"scheme":"generic"' in tree]
        self.assertEqual(len(trees), 7)
        self.assertEqual([t for t in written(self.place("trees")) if b'"scheme":"generic"' in t], trees)


if __name__ == "__main__":
    unittest.main()
