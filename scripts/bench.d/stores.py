"""How fast records go into databases, beside the import of the database's own shell, and into Parquet beside DuckDB.

The shell gets the rows that dl-send has made, as a file, and puts them into a table with the same columns and
indexes: it has neither to read the records nor to know what is there already. PostgreSQL is a server of its own, on a
free port of loopback, with its settings as they come.

DuckDB gets the records themselves and does the same work as dl-send: it reads them, finds the columns, makes the hash
of the text, and writes them with the text, compressed by zstd at the same level.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time

import machine
import wire

# The work, what it says, and how many records it has.
WORKS = {
    "send-sqlite": ("records into a table of SQLite", 300_000),
    "send-postgres": ("records into a table of PostgreSQL", 300_000),
    "send-parquet": ("records into files of Parquet", 1_000_000),
}


def measure(name, tools, rounds):
    """Rows for the table: records a second, processor time a record, and ratios to ours."""
    store = {"send-sqlite": SQLite, "send-postgres": PostgreSQL, "send-parquet": Parquet}[name]
    if not machine.program("dl-send"):
        return [{"tool": "dl-send", "absent": "dl-send is not built"}]
    runs = {}
    with tempfile.TemporaryDirectory() as folder, store(folder) as peer:
        if peer.absent:
            return [{"tool": peer.tool, "absent": peer.absent}]
        file = os.path.join(folder, "records.ndjson")
        count = WORKS[name][1]
        records(file, count)
        for _ in range(rounds):
            peer.clear()
            send = [machine.program("dl-send"), peer.place, file]
            runs.setdefault("dl-send", []).append(timed(send, count))
            if peer.count() != count:
                raise RuntimeError(f"{peer.count()} of {count} records are there")
            if not tools or peer.tool in tools:
                runs.setdefault(peer.tool, []).append(timed(peer.imported(), count))
                if peer.count() != count:
                    raise RuntimeError(f"{peer.tool} has imported {peer.count()} of {count} records")
    return wire.summed(runs, "dl-send")


def records(path, count):
    """Writes so many records, no two of them the same."""
    size = f"{count // 3_000 + 1}MB"
    command = [os.environ["GEN_CORPUS"], "--kind", "generic", "--size", size]
    made = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines(keepends=True)
    # A record that is there twice would be one row.
    made = list(dict.fromkeys(made))
    if len(made) < count:
        raise RuntimeError(f"{size} are {len(made)} records only")
    with open(path, "wb") as out:
        out.writelines(made[:count])


def timed(command, count):
    """Records a second, and microseconds of the processor for each."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    process.returncode = status
    if status:
        raise RuntimeError(f"{command[0]} has failed")
    return count / seconds, (usage.ru_utime + usage.ru_stime) / count * 1e6


class Parquet:
    """DuckDB's COPY of the same columns into one file."""

    tool = "duckdb COPY"

    def __init__(self, folder):
        self.lake = os.path.join(folder, "lake")
        self.file = os.path.join(folder, "records.ndjson")
        self.place = f"parquet:{self.lake}?partition=none"
        self.absent = None if machine.has_module("duckdb") else "DuckDB is not installed"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def clear(self):
        shutil.rmtree(self.lake, ignore_errors=True)
        os.mkdir(self.lake)

    def count(self):
        words = f"import duckdb; print(duckdb.sql(\"select count(*) from '{self.lake}/*.parquet'\").fetchall()[0][0])"
        return int(subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout)

    def imported(self):
        self.clear()
        duck = os.path.join(os.path.dirname(__file__), "duck.py")
        return [sys.executable, duck, "parquet", self.file, os.path.join(self.lake, "all.parquet")]


class SQLite:
    """The shell sqlite3, in one transaction."""

    tool = "sqlite3 .import"

    def __init__(self, folder):
        self.file = os.path.join(folder, "logs.db")
        self.rows = os.path.join(folder, "rows.csv")
        self.place = f"sqlite:{self.file}"
        self.absent = None if machine.program("sqlite3") else "sqlite3 is not installed"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def clear(self):
        for path in glob.glob(self.file + "*"):
            os.remove(path)

    def count(self):
        return int(self._ask("select count(*) from records"))

    def _ask(self, *words):
        return subprocess.run(["sqlite3", self.file, *words], capture_output=True, text=True, check=True).stdout

    def imported(self):
        schema = self._ask(".schema records")
        with open(self.rows, "w", encoding="utf-8") as out:
            columns = "hex(hash), time, level, logger, service, host, tree, record"
            out.write(self._ask("-csv", f"select {columns} from records"))
        self.clear()
        self._ask("pragma journal_mode = wal; pragma synchronous = full;" + schema)
        begin = "pragma synchronous = full"
        return ["sqlite3", self.file, begin, f".import --csv {self.rows} records"]


class PostgreSQL:
    """psql's \\copy, into the same table."""

    tool = "psql \\copy"

    def __init__(self, folder):
        self.folder = folder
        self.rows = os.path.join(folder, "rows.csv")
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        self.programs = programs[-1] if programs else ""
        self.absent = None if programs else "PostgreSQL is not installed"

    def __enter__(self):
        if self.absent:
            return self
        self.before = []
        if os.geteuid() == 0:
            # The server refuses to be root's.
            subprocess.run(["chown", "postgres", self.folder], check=True)
            os.chmod(self.folder, 0o755)
            self.before = ["runuser", "-u", "postgres", "--"]
        port = machine.free_port()
        self.place = f"postgres://bench@127.0.0.1:{port}/postgres"
        self._run("initdb", "-A", "trust", "-U", "bench")
        options = f"-p {port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-o", options, "-l", os.path.join(self.folder, "log"), "-w", "start")
        return self

    def __exit__(self, *_):
        if not self.absent:
            self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _run(self, name, *words):
        data = os.path.join(self.folder, "data")
        command = [*self.before, os.path.join(self.programs, name), "-D", data, *words]
        subprocess.run(command, stdout=subprocess.DEVNULL, cwd="/", check=True)

    def _ask(self, words):
        command = ["psql", self.place, "-qAtc", words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def clear(self):
        self._ask("drop table if exists records; drop sequence if exists records_id")
        self._ask("checkpoint")

    def count(self):
        return int(self._ask("select count(*) from records"))

    def imported(self):
        self._ask(f"\\copy (select * from records) to '{self.rows}' csv")
        self._ask("truncate records")
        self._ask("checkpoint")
        return ["psql", self.place, "-qc", f"\\copy records from '{self.rows}' csv"]
