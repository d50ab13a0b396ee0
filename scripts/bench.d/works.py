"""What is measured: for each work, our command and the peers' commands for the same result.

Commands are lists, or texts for the shell where a user would type a pipe. `@FILE` stands for
the corpus; a work may have more such words, whose values depend on the file. A peer that is slow
gets a `part` of the corpus, and the table says so.
"""

import dataclasses
import os
import re
import time

HERE = os.path.relpath(os.path.dirname(os.path.abspath(__file__)))
DUCK = ["python3", os.path.join(HERE, "duck.py")]
BASELINE = ["python3", os.path.join(HERE, "baseline.py")]

LATENCY = "latency"
BAD = ("error", "fatal", "critical")


@dataclasses.dataclass
class Peer:
    """One program's way to do a work."""

    tool: str
    command: list | str
    # The program or Python module that must be there; by default the command's first word.
    needs: str | None = None
    module: str | None = None
    part: str | None = None
    # Whether its lines of output are to be as many as the work expects.
    counted: bool = True
    stdin: bool = False
    # Exit codes that mean success.
    codes: tuple = (0,)


@dataclasses.dataclass
class Work:
    """A task, and the programs that can do it."""

    name: str
    title: str
    kind: str
    peers: list
    # From (corpora, path) to the number of lines that must come out; nothing if it cannot be said.
    expected: object = None
    # From (corpora, path) to what the commands' words stand for, beside the file.
    words: object = lambda corpora, path: {}
    # Whether the output goes to a file, which is read when the time is up, and not to a pipe.
    to_file: bool = False

    def fill(self, command, corpora, path):
        """The command for a file."""
        words = {"@FILE": path, **self.words(corpora, path)}
        if isinstance(command, list):
            return [_replace(part, words) for part in command]
        return _replace(command, words)


def _replace(text, words):
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def level():
    """Records of level error or worse."""
    either = " or ".join(f'.level == "{word}"' for word in BAD)
    listed = ", ".join(f"'{word}'" for word in BAD)
    python = f"J if J.get('level') in {BAD} else SKIP"
    mlr = " || ".join(f'$level == "{word}"' for word in BAD)
    return Work(
        "filter-level",
        "level >= error",
        "generic",
        [
            Peer("dl-filter", ["dl-filter", "level >= error", "@FILE"]),
            Peer("dl-filter -j1", ["dl-filter", "-j1", "level >= error", "@FILE"]),
            # A pattern that begins with the rare word is three times as fast as `"level":…`.
            Peer("rg", ["rg", "-N", f'(?:{"|".join(BAD)})", ?"(?:time|logger)"', "@FILE"]),
            Peer("hl", ["hl", "-P", "-l", "e", "--raw", "@FILE"]),
            *ducks(f"level IN ({listed})", f"json_extract_string(line, '$.level') IN ({listed})"),
            *jqs(f"select({either})"),
            miller(mlr),
            eliot_filter(python),
        ],
        lambda corpora, path: corpora.selected(
            path, "level", lambda record: record["level"] in BAD
        ),
    )


def nested():
    """Records with a nested number."""
    python = "J if J.get('http', {}).get('status') == 500 else SKIP"
    text = '"status": ?500\\b'
    return Work(
        "filter-nested",
        ".http.status == 500",
        "generic",
        [
            Peer("dl-filter", ["dl-filter", ".http.status == 500", "@FILE"]),
            Peer("rg", ["rg", "-N", '/[^"]*", ?' + text, "@FILE"]),
            Peer(
                "rg, then jaq",
                f"rg -N '{text}' @FILE | jaq -c 'select(.http.status == 500)'",
                "jaq",
            ),
            Peer("hl", ["hl", "-P", "-f", "http.status=500", "--raw", "@FILE"]),
            *ducks(
                "http.status = 500",
                "CAST(json_extract(line, '$.http.status') AS INTEGER) = 500",
                "http=STRUCT(status INTEGER)",
            ),
            *jqs("select(.http.status == 500)"),
            miller('is_present($http) && $http["status"] == 500'),
            eliot_filter(python),
        ],
        lambda corpora, path: corpora.selected(
            path, "nested", lambda record: record.get("http", {}).get("status") == 500
        ),
    )


def one_tree():
    """All records of one request, by its id."""

    def words(corpora, path):
        return {"@TREE": corpora.some(path, "trace_id")}

    def expected(corpora, path):
        tree = corpora.some(path, "trace_id")
        return corpora.selected(path, "tree", lambda record: record["trace_id"] == tree)

    return Work(
        "filter-tree",
        "tree == ID",
        "generic",
        [
            Peer("dl-filter", ["dl-filter", "tree == @TREE", "@FILE"]),
            Peer("rg", ["rg", "-N", "@TREE", "@FILE"]),
            Peer("hl", ["hl", "-P", "-f", "trace_id=@TREE", "--raw", "@FILE"]),
            *ducks("trace_id = '@TREE'", "json_extract_string(line, '$.trace_id') = '@TREE'"),
            *jqs('select(.trace_id == "@TREE")'),
        ],
        expected,
        words,
    )


def mixed():
    """A number and a regular expression together."""
    pattern = "(?:call|serve|request) failed|retrying"
    python = (
        "J if J.get('http', {}).get('status', 0) >= 400 "
        f"and __import__('re').search('{pattern}', J['msg']) else SKIP"
    )
    return Work(
        "filter-mixed",
        f".http.status >= 400 and message ~ '{pattern}'",
        "generic",
        [
            Peer(
                "dl-filter",
                ["dl-filter", f".http.status >= 400 and message ~ '{pattern}'", "@FILE"],
            ),
            Peer(
                "rg, then jaq",
                f"rg -N '{pattern}' @FILE | "
                f"jaq -c 'select(.http.status >= 400 and (.msg | test(\"{pattern}\")))'",
                "jaq",
            ),
            Peer(
                "hl",
                ["hl", "-P", "-q", f".http.status >= 400 and message ~~= '{pattern}'", "--raw"]
                + ["@FILE"],
            ),
            *ducks(
                f"http.status >= 400 AND regexp_matches(msg, '{pattern}')",
                "CAST(json_extract(line, '$.http.status') AS INTEGER) >= 400 "
                f"AND regexp_matches(json_extract_string(line, '$.msg'), '{pattern}')",
                "http=STRUCT(status INTEGER)",
            ),
            *jqs(f'select((.http.status // 0) >= 400 and (.msg | test("{pattern}")))'),
            eliot_filter(python),
        ],
        lambda corpora, path: corpora.selected(
            path,
            "mixed",
            lambda record: record.get("http", {}).get("status", 0) >= 400
            and re.search(pattern, record["msg"]),
        ),
    )


def everything():
    """Every record, checked and passed on, beside a plain copy."""
    return Work(
        "filter-all",
        "true: every line is checked and comes out",
        "generic",
        [
            Peer("dl-filter", ["dl-filter", "true", "@FILE"]),
            Peer("cat", ["cat", "@FILE"]),
            Peer("duckdb raw", [*DUCK, "raw", "@FILE", "true"], "python3", "duckdb"),
            *jqs("."),
        ],
        lambda corpora, path: corpora.lines(path),
    )


def passed():
    """A capture as dl-recv reads it: every line is checked and comes out."""
    return Work(
        "recv-file",
        "a capture read and written: every line is checked and comes out",
        "generic",
        [Peer("dl-recv", ["dl-recv", "@FILE"]), Peer("cat", ["cat", "@FILE"])],
        lambda corpora, path: corpora.lines(path),
    )


def failed():
    """Failed actions of Eliot."""
    return Work(
        "filter-eliot",
        "status == failed, in Eliot's records",
        "eliot",
        [
            Peer("dl-filter", ["dl-filter", "status == failed", "@FILE"]),
            Peer("rg", ["rg", "-N", '"action_status": ?"failed"', "@FILE"]),
            Peer("hl", ["hl", "-P", "-f", "action_status=failed", "--raw", "@FILE"]),
            Peer(
                "duckdb columns",
                [*DUCK, "eliot-columns", "@FILE", "action_status = 'failed'"],
                "python3",
                "duckdb",
            ),
            *jqs('select(.action_status == "failed")'),
        ],
        lambda corpora, path: corpora.selected(
            path, "failed", lambda record: record.get("action_status") == "failed"
        ),
    )


def python_level():
    """Records of distlog, whose level stands as a number and as a word."""
    return Work(
        "filter-distlog",
        "level >= error, in distlog's records",
        "distlog",
        [
            Peer("dl-filter", ["dl-filter", "level >= error", "@FILE"]),
            Peer("rg", ["rg", "-N", '"levelname": ?"(?:ERROR|CRITICAL)"', "@FILE"]),
            Peer("hl", ["hl", "-P", "-l", "e", "--raw", "@FILE"]),
            Peer(
                "duckdb columns",
                [*DUCK, "distlog-columns", "@FILE", "levelno >= 40"],
                "python3",
                "duckdb",
            ),
            *jqs("select(.levelno >= 40)"),
        ],
        lambda corpora, path: corpora.selected(
            path, "levelno", lambda record: record["levelno"] >= 40
        ),
    )


def time_range():
    """A minute from the middle of the file."""
    between = "time >= '@BEGIN' AND time < '@END'"

    def words(corpora, path):
        first, after = corpora.middle(path)
        return {"@BEGIN": stamp(first), "@END": stamp(after), "@SECONDS": pattern(first, after)}

    def expected(corpora, path):
        begin, end = (stamp(second) for second in corpora.middle(path))
        return corpora.selected(path, "time", lambda record: begin <= record["time"] < end)

    return Work(
        "filter-time",
        "time >= … and time < …: one minute from the middle of each input",
        "generic",
        [
            Peer("dl-filter", ["dl-filter", "time >= @BEGIN and time < @END", "@FILE"]),
            Peer("rg", ["rg", "-N", "@SECONDS", "@FILE"]),
            Peer("hl", ["hl", "-P", "--since", "@BEGIN", "--until", "@END", "--raw", "@FILE"]),
            *ducks(between, between.replace("time", "json_extract_string(line, '$.time')")),
            *jqs('select(.time >= "@BEGIN" and .time < "@END")'),
            miller('$time >= "@BEGIN" && $time < "@END"'),
            eliot_filter("J if '@BEGIN' <= J['time'] < '@END' else SKIP"),
        ],
        expected,
        words,
    )


# The fourth text between quotes is the time in this corpus.
SORT = ["sort", "--stable", "-t", '"', "-k8,8", "-S", "256M"]


def merge(to_file):
    """Six captures, each in order, put together in order."""
    names = [f"@PART{n}" for n in range(1, 7)]

    def words(corpora, path):
        return dict(zip(names, corpora.parts(path, len(names))))

    return Work(
        "merge-sorted-file" if to_file else "merge-sorted",
        f"six sorted captures in the order of time{', to a file' if to_file else ''}",
        "generic",
        [
            Peer("dl-recv --sorted", ["dl-recv", "--merge", "--sorted", *names]),
            Peer("dl-recv --merge", ["dl-recv", "--merge", *names]),
            Peer("sort -m", ["env", "LC_ALL=C", *SORT, "-m", *names], "sort"),
            Peer("cat", ["cat", *names]),
        ],
        lambda corpora, path: corpora.lines(corpora.timed(path)),
        words,
        to_file,
    )


def sort():
    """One capture that is in no order."""

    def words(corpora, path):
        return {"@MIXED": corpora.shuffled(path)}

    return Work(
        "merge-unsorted",
        "one capture, its lines in any order, put in the order of time",
        "generic",
        [
            Peer("dl-recv --merge", ["dl-recv", "--merge", "@MIXED"]),
            Peer("sort", ["env", "LC_ALL=C", *SORT, "@MIXED"], "sort"),
            Peer("cat", ["cat", "@MIXED"]),
        ],
        lambda corpora, path: corpora.lines(corpora.timed(path)),
        words,
    )


def trees():
    """One tree for each request."""
    return Work(
        "tree-eliot",
        "one tree for each Eliot task (the peers only group, but for eliot-tree and eliot.parse)",
        "eliot",
        [
            Peer("dl-tree", ["dl-tree", "@FILE"]),
            Peer("duckdb group, columns", [*DUCK, "group-columns", "@FILE"], "python3", "duckdb"),
            Peer("duckdb group, raw", [*DUCK, "group-raw", "@FILE"], "python3", "duckdb"),
            Peer("Python dict", [*BASELINE, "group", "@FILE"], part="50MB"),
            Peer("eliot.parse", [*BASELINE, "parse", "@FILE"], "python3", "eliot", "2MB"),
            Peer("eliot-tree", ["eliot-tree", "@FILE"], part="2MB", counted=False),
        ],
        lambda corpora, path: corpora.distinct(path, "task_uuid"),
    )


def computed():
    """Counts and quantiles of a number by a field."""
    wanted = "count, p50(.timestamp), p99(.timestamp)"
    return Work(
        "fmt-computed",
        "count, median and 99th percentile of a number by action_type (DuckDB's are exact)",
        "eliot",
        [
            Peer("dl-fmt --by", ["dl-fmt", "--by", ".action_type", "--agg", wanted, "--to", "json", "@FILE"]),
            Peer("duckdb", [*DUCK, "computed", "@FILE"], "python3", "duckdb"),
        ],
    )


def by_logger():
    """Counts and quantiles of a duration by logger."""
    wanted = "count, p50(.duration_ms), p99(.duration_ms)"
    grinder = "* | json | count as n, p50(duration_ms), p99(duration_ms) by logger"
    return Work(
        "fmt-by-logger",
        "count, median and 99th percentile of a duration by logger (DuckDB's are exact)",
        "generic",
        [
            Peer("dl-fmt --by", ["dl-fmt", "--by", "logger", "--agg", wanted, "--to", "json", "@FILE"]),
            Peer("duckdb", [*DUCK, "by-logger", "@FILE"], "python3", "duckdb"),
            Peer("agrind", ["agrind", "-f", "@FILE", "-o", "json", grinder], part="100MB", counted=False),
        ],
    )


def lines(name, kind):
    """Every record as a line in colour."""
    return lambda: Work(
        name,
        f"each record of {kind} as a line in colour (lines differ in form, so counts are not compared)",
        kind,
        [
            Peer("dl-fmt", ["dl-fmt", "--color", "always", "@FILE"], counted=False),
            Peer("hl", ["hl", "-P", "--color", "always", "@FILE"], counted=False),
            Peer("tspin", "tspin --print < @FILE", "tspin", part="100MB", counted=False),
            Peer("fblog", ["fblog", "@FILE"], part="50MB", counted=False),
            Peer("fblog, all fields", ["fblog", "--dump-all", "@FILE"], "fblog", part="50MB", counted=False),
            Peer("jq -C", ["jq", "-C", "-c", ".", "@FILE"], part="10MB", counted=False),
        ],
        lambda corpora, path: corpora.lines(path),
    )


def seen_trees():
    """The trees of a file as text in colour."""
    return Work(
        "fmt-trees",
        "trees of dl-tree as text in colour",
        "trees",
        [Peer("dl-fmt", ["dl-fmt", "--color", "always", "@FILE"], counted=False)],
    )


def ducks(columns, raw, http="http=JSON"):
    """DuckDB's two honest ways: declared columns, written anew, and the lines as they came."""
    return [
        Peer("duckdb columns", [*DUCK, "columns", "@FILE", columns, http], "python3", "duckdb"),
        Peer("duckdb raw", [*DUCK, "raw", "@FILE", raw], "python3", "duckdb"),
        Peer("duckdb raw, by read_csv", [*DUCK, "csv", "@FILE", raw], "python3", "duckdb"),
    ]


def jqs(program):
    return [
        Peer("jaq", ["jaq", "-c", program, "@FILE"], part="50MB"),
        Peer("jq", ["jq", "-c", program, "@FILE"], part="50MB"),
    ]


def miller(condition):
    return Peer("mlr", ["mlr", "--ijsonl", "--ojsonl", "filter", condition, "@FILE"], part="20MB")


def eliot_filter(expression):
    command = ["python3", "-m", "eliot.filter", expression]
    return Peer("eliot.filter", command, "python3", "eliot", "50MB", stdin=True)


def pattern(first, after):
    """A regular expression for the seconds of a range, short enough for a fast search."""
    minutes = {}
    for second in range(first, after):
        text = stamp(second)
        minutes.setdefault(text[10:17], []).append(text[17:19])
    return "|".join(f"{minute}(?:{'|'.join(found)})" for minute, found in minutes.items())


def stamp(second):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(second))


WORKS = {
    "filter-level": level,
    "filter-nested": nested,
    "filter-mixed": mixed,
    "filter-tree": one_tree,
    "filter-time": time_range,
    "filter-all": everything,
    "recv-file": passed,
    "filter-eliot": failed,
    "filter-distlog": python_level,
    "merge-sorted": lambda: merge(False),
    "merge-sorted-file": lambda: merge(True),
    "merge-unsorted": sort,
    "tree-eliot": trees,
    "fmt-computed": computed,
    "fmt-by-logger": by_logger,
    "fmt-lines": lines("fmt-lines", "generic"),
    "fmt-lines-eliot": lines("fmt-lines-eliot", "eliot"),
    "fmt-lines-distlog": lines("fmt-lines-distlog", "distlog"),
    "fmt-trees": seen_trees,
}
NAMES = [*WORKS, LATENCY]


def make(name, part=None):
    """A work; peers that are slow get that part of the corpus, by default each its own."""
    work = WORKS[name]()
    for peer in work.peers:
        if peer.part and part:
            peer.part = part
    return work
