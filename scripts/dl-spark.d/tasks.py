"""What workers do: dl-filter parts the records, dl-tree puts a part together. Runs on every machine of a cluster,
so it knows nothing but the standard library and what it is given."""

import os
import subprocess
import tempfile

# How much is handed to Spark at a time: few objects, and no large one.
BLOCK = 4 << 20
# In front of what a program said, to find it in what Spark makes of an error.
MARK, END = "<<dl-spark ", " dl-spark>>"


class Failed(Exception):
    """A program has failed."""

    def __init__(self, where, program, status, said):
        how = f"was killed by signal {-status}" if status < 0 else f"has ended with status {status}"
        said = said.decode(errors="replace").strip()[-4000:] or "it said nothing"
        super().__init__(f"{MARK}{where}: {program} {how}\n{said}{END}")


class Work:
    """The programs and their flags; goes to all workers."""

    def __init__(self, options, parts, words, shipped, shelf=None):
        self.programs = options.programs
        self.parts = parts
        self.by = ["--shard-by", options.shard_by] if options.shard_by else []
        self.flags = options.tree_flags
        # An accumulator: what programs said, though they have not failed.
        self.words = words
        self.shipped = shipped
        # A folder that all workers see: there the records of the parts wait, and Spark hands on where they are.
        self.shelf = shelf

    def program(self, name):
        """The path of a program here."""
        if not self.shipped:
            return self.programs[name]
        from pyspark import SparkFiles

        path = SparkFiles.get(name)
        os.chmod(path, 0o755)
        return path

    def part_files(self, pieces):
        """Pairs of a part's number and lines of it, or a file of such on the shelf, from pieces of files."""
        for path, start, end in pieces:
            yield from self._part(f"{path} from byte {start}", lambda out: _copy(path, start, end, out))

    def part_rows(self, rows):
        """The same from rows with a line each."""

        def copy(out):
            lines, held = [], 0
            for row in rows:
                lines.append(bytes(row[0]))
                held += len(lines[-1])
                if held > BLOCK:
                    lines.append(b"")
                    out.write(b"\n".join(lines))
                    lines, held = [], 0
            if lines:
                lines.append(b"")
                out.write(b"\n".join(lines))

        yield from self._part("what Spark has read", copy)

    def _part(self, where, copy):
        if self.shelf:
            # A task that is run again has a folder of its own; of one that failed, nothing is handed on.
            folder = tempfile.mkdtemp(dir=self.shelf)
            self._filter(where, folder, copy)
            for part in range(self.parts):
                yield part, os.path.join(folder, str(part + 1))
            return
        with tempfile.TemporaryDirectory(prefix="dl-spark-") as folder:
            self._filter(where, folder, copy)
            for part in range(self.parts):
                with open(os.path.join(folder, str(part + 1)), "rb") as file:
                    # A block ends where a line does: nothing says in what order blocks arrive.
                    while block := file.read(BLOCK):
                        yield part, block + file.readline()

    def _filter(self, where, folder, copy):
        """Has dl-filter write the records of each part to a file of its own."""
        # Lines that are no records go on to dl-tree, which decides about them.
        command = [self.program("dl-filter"), "-j1", "--foreign", "pass", "--shard", str(self.parts), *self.by]
        command += ["--shard-to", os.path.join(folder, "{}")]
        self._run(where, "dl-filter", command, copy, subprocess.DEVNULL)

    def trees_to_file(self, folder):
        """A function that writes the trees of a part to a file, which appears when it is whole."""

        def write(part, blocks):
            from pyspark import TaskContext

            attempt = TaskContext.get().taskAttemptId()
            path = os.path.join(folder, f"part-{part:05}.ndjson")
            begun = f"{path}.{attempt}"
            with open(begun, "wb") as out:
                self._trees(part, blocks, out)
            os.replace(begun, path)
            return iter(())

        return write

    def trees(self, part, blocks):
        """The trees of a part, line by line."""
        with tempfile.TemporaryFile() as out:
            self._trees(part, blocks, out)
            out.seek(0)
            for line in out:
                yield line.removesuffix(b"\n")

    def _trees(self, part, blocks, out):
        def copy(to):
            for _, block in blocks:
                if self.shelf:
                    _copy(block, 0, None, to)
                else:
                    to.write(block)

        jobs = [] if any(flag.startswith(("-j", "--jobs")) for flag in self.flags) else ["-j1"]
        command = [self.program("dl-tree"), *jobs, *self.flags]
        self._run(f"partition {part}", "dl-tree", command, copy, out)

    def _run(self, where, name, command, copy, out):
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=said)
            try:
                try:
                    with process.stdin:
                        copy(process.stdin)
                except BrokenPipeError:
                    pass  # Its status tells why.
                status = process.wait()
            finally:
                # The task may be killed, or its input fail.
                if process.poll() is None:
                    process.kill()
                    process.wait()
            said.seek(0)
            text = said.read()
        if status:
            raise Failed(where, name, status, text)
        if text:
            self.words.add([text.decode(errors="replace")])


def _copy(path, start, end, out):
    """Writes the lines of which the first byte is in the piece."""
    with open(path, "rb") as file:
        if end is None:
            while block := file.read(1 << 20):
                out.write(block)
            return
        if start:
            # A line that begins before belongs to the piece before.
            file.seek(start - 1)
            file.readline()
        left = end - file.tell()
        while left > 0:
            block = file.read(min(left, 1 << 20))
            if not block:
                break
            out.write(block)
            left -= len(block)
            if left == 0 and not block.endswith(b"\n"):
                out.write(file.readline())


COLUMNS = ("tree", "scheme", "status", "complete", "start", "end", "duration", "records", "errors", "name", "json")


def row(line):
    """A row of Parquet for a tree."""
    import json

    # What of a record is no text stands in the line as it is; the columns are beside it.
    try:
        tree = json.loads(line.decode(errors="replace"), strict=False)
    except ValueError:
        tree = {}
    root = tree.get("root")

    def member(name, kind):
        value = tree.get(name)
        return value if isinstance(value, kind) and not (kind is not bool and isinstance(value, bool)) else None

    duration = member("duration", (int, float))
    name = root.get("name") if isinstance(root, dict) else None
    return (
        member("tree", str), member("scheme", str), member("status", str), member("complete", bool),
        member("start", str), member("end", str), None if duration is None else float(duration),
        member("records", int), member("errors", int), name if isinstance(name, str) else None, bytearray(line),
    )
