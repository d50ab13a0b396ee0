"""The job: parts the records of captures, puts the trees of each part together, and writes them."""

import contextlib
import os
import re
import shutil
import sys
import tempfile

import inputs
import options
import tasks

# A part of that many bytes takes a dl-tree about as many of memory.
MOST_OF_A_PART = 1000**3


def main():
    try:
        chosen = options.read(sys.argv[1:])
        files, urls = ([], chosen.inputs) if chosen.read == "spark" else inputs.find(chosen.inputs)
        output = Output(chosen.output)
    except options.Wrong as wrong:
        return fail(str(wrong))
    try:
        session = start(chosen)
    except Exception as error:
        return fail(words_of(error, chosen.verbose))
    try:
        run(session, chosen, files, urls, output)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # Whatever it is, Spark has put it into one of its own.
        return fail(words_of(error, chosen.verbose))
    finally:
        output.close()
        session.stop()
    return 0


def fail(words):
    for line in words.strip().splitlines():
        print(f"dl-spark: {line}", file=sys.stderr)
    return 2


def words_of(error, verbose):
    """What a program said, or the first line of what Spark did."""
    text = str(error)
    found = re.search(re.escape(tasks.MARK) + "(.*?)" + re.escape(tasks.END), text, re.DOTALL)
    if found:
        return found[1]
    if verbose:
        return text
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    return "\n".join(lines[:3] or [type(error).__name__]) + "\n--verbose shows what Spark says"


def start(chosen):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(chosen.master).appName("dl-spark")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "true" if sys.stderr.isatty() else "false",
        "spark.sql.session.timeZone": "UTC",
    }
    if is_local(chosen.master):
        # Nothing goes over a network, so packing it would only cost.
        settings.update({"spark.shuffle.compress": "false", "spark.driver.host": "127.0.0.1",
                         "spark.driver.bindAddress": "127.0.0.1"})
    settings.update(setting.split("=", 1) for setting in chosen.conf)
    for name, value in settings.items():
        builder = builder.config(name, value)
    with quiet(not chosen.verbose):
        session = builder.getOrCreate()
    here = os.path.dirname(os.path.abspath(__file__))
    # Workers have the same modules, wherever they are.
    for module in ("options.py", "inputs.py", "tasks.py"):
        session.sparkContext.addPyFile(os.path.join(here, module))
    return session


@contextlib.contextmanager
def quiet(wanted):
    """Has what is started in it say nothing, for as long as it runs: Spark tells much, and of a failure all over."""
    kept = os.dup(2)
    try:
        if wanted:
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def is_local(master):
    return re.fullmatch(r"local(\[.*\])?", master) is not None


class Output:
    """Where trees go. What is on this machine is written by dl-tree itself; what has a scheme by Spark."""

    def __init__(self, place):
        self.place = place
        self.is_url = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:/", place) is not None
        if not self.is_url:
            self.place = os.path.abspath(place)
            if os.path.exists(self.place):
                raise options.Wrong(f"{place}: it is there already\nuse another name, or remove it")
        self.begun = os.path.join(self.place, "_temporary")

    def shelf(self):
        """A folder for the records of the parts: beside the trees, who need as much room, or where temporary files are."""
        beside = None if self.is_url else os.path.dirname(self.place)
        while beside is not None and not os.path.isdir(beside):
            beside = os.path.dirname(beside)
        return tempfile.TemporaryDirectory(prefix=".dl-spark-", dir=beside)

    def open(self):
        os.makedirs(self.begun)
        return self.begun

    def done(self):
        """Shows what was written: all of it, or nothing."""
        for name in sorted(os.listdir(self.begun)):
            if re.fullmatch(r"part-\d+\.ndjson", name):
                os.replace(os.path.join(self.begun, name), os.path.join(self.place, name))
        shutil.rmtree(self.begun)
        with open(os.path.join(self.place, "_SUCCESS"), "wb"):
            pass

    def close(self):
        """Takes away what a job has left that failed."""
        if not self.is_url and os.path.isdir(self.begun):
            shutil.rmtree(self.begun, ignore_errors=True)
            if not os.listdir(self.place):
                os.rmdir(self.place)


def run(session, chosen, files, urls, output):
    from pyspark.accumulators import AccumulatorParam

    class Words(AccumulatorParam):
        def zero(self, value):
            return []

        def addInPlace(self, value, more):
            return (value + more)[:10_000]

    context = session.sparkContext
    shipped = not is_local(chosen.master)
    if shipped:
        for path in chosen.programs.values():
            context.addFile(path)
    parts = chosen.partitions or max(context.defaultParallelism, -(-inputs.total(files) // MOST_OF_A_PART))
    pieces = list(inputs.split(files, chosen.split, context.defaultParallelism))
    said = context.accumulator([], Words())
    # On one machine records need not go through Spark, which would take several times as long as all else.
    with contextlib.nullcontext() if shipped else output.shelf() as shelf:
        work = tasks.Work(chosen, min(parts, 1000), said, shipped, shelf)
        put_together(session, work, chosen, pieces, urls, output)
    tell(said.value)


def put_together(session, work, chosen, pieces, urls, output):
    """Parts the records, makes trees of them, and writes those."""
    context = session.sparkContext
    blocks = []
    if pieces:
        blocks.append(context.parallelize(pieces, len(pieces)).mapPartitions(work.part_files))
    if urls:
        from pyspark.sql.functions import col

        lines = session.read.option("lineSep", "\n").text(urls).select(col("value").cast("binary"))
        blocks.append(lines.rdd.mapPartitions(work.part_rows))
    if not blocks:
        # Empty files have no trees.
        blocks.append(context.parallelize([], 1))
    parted = context.union(blocks).partitionBy(work.parts, int)
    if chosen.to == "ndjson" and not output.is_url:
        parted.mapPartitionsWithIndex(work.trees_to_file(output.open())).count()
        output.done()
    else:
        trees = parted.mapPartitionsWithIndex(work.trees)
        write(session, trees, chosen.to, output.place if output.is_url else f"file:{output.place}")


def write(session, trees, form, place):
    from pyspark.sql.functions import col

    if form == "ndjson":
        frame = session.createDataFrame(trees.map(lambda line: (bytearray(line),)), "value binary")
        frame.select(col("value").cast("string")).write.text(place)
        return
    kinds = ("string", "string", "string", "boolean", "string", "string", "double", "bigint", "bigint", "string",
             "binary")
    schema = ", ".join(f"`{name}` {kind}" for name, kind in zip(tasks.COLUMNS, kinds))
    cast = {"start": "timestamp", "end": "timestamp", "json": "string"}
    columns = [col(name).cast(cast[name]).alias(name) if name in cast else col(name) for name in tasks.COLUMNS]
    session.createDataFrame(trees.map(tasks.row), schema).select(*columns).write.parquet(place)


def tell(said):
    """Says what the programs said, with the sums of what several counted."""
    sums, words = {}, {}
    for line in (line for text in said for line in text.splitlines()):
        counted, place, example = line.partition(", the first at ")
        numbers = [int(number) for number in re.findall(r"\d+", counted)]
        # `1 record belongs` and `2 records belong` are one.
        form = re.sub(r"\d+ (line|record|tree)s?\b", r"# \1", re.sub(r"\b(belong|name)s\b", r"\1", counted))
        form = re.sub(r"\d+", "#", form)
        sums[form] = [sum(pair) for pair in zip(sums.get(form, [0] * len(numbers)), numbers)]
        # Who counted more than one has the plural.
        if form not in words or re.search(r"\b1 (line|record|tree)\b", words[form][0]):
            words[form] = counted, words.get(form, (0, place + example))[1]
    for form, (counted, example) in words.items():
        left = iter(sums[form])
        print(re.sub(r"\d+", lambda _: str(next(left)), counted) + example, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
