"""What the command line says, checked before anything starts."""

import argparse
import os
import re
import shutil

WORDS = """Puts the records of captures together to trees, as dl-tree does, with Spark: on all cores of this machine, or
on those of a cluster. The trees are those of one dl-tree; only the order of the lines differs."""

MORE = """INPUT is a file, a directory, a pattern such as 'logs/*.ndjson.gz', or a URL that Spark reads, such as
s3a://bucket/day/. Files are read by the workers themselves, from the same place on each of them, gzip and zstd too;
what has a scheme is read by Spark, more slowly. All after -- is for dl-tree.

Records of one tree go to one dl-tree, by dl-filter --shard; SHARDS in dl-filter(1) tells what that takes for granted.
A record that names the ids of two trees is told on stderr if they went to different places. A dl-filter or dl-tree
that fails ends the job, with its words and status 2.

Examples:
  dl-spark --output trees capture.ndjson
  dl-spark --output trees --to parquet logs/ -- --critical-path
  dl-spark --master spark://head:7077 --output s3a://bucket/trees s3a://bucket/day/
  dl-spark --output trees capture.ndjson -- --id .job --tree .order"""

# Flags of dl-tree that say what can be known only when all records are in one place, or where a file is.
REFUSED = {
    "--live-window": "captures have an end",
    "--join": "what it joins may be in different partitions",
    "--rejects": "each partition would write over it",
    "--explain": "it writes no trees",
    "--help": "see dl-tree --help",
    "--version": "see dl-tree --version",
}

# Flags of dl-tree without a value: what follows one of them would be an input.
BARE = {"--flatten", "--no-stamp", "--summary", "--descendants", "--critical-path", "--adjust-clocks", "--strict",
        "--stats"}

UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}


class Wrong(Exception):
    """Something that the user can change."""


def size(text):
    """Bytes from text such as 64MiB."""
    found = re.fullmatch(r"(\d+) *([kmg]?i?)b?", text.lower())
    if not found or found[2] not in UNITS or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"no size: '{text}'")
    return int(found[1]) * UNITS[found[2]]


def number(text):
    """A count of 1 or more."""
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"no number from 1 to 1000: '{text}'")
    return int(text)


def parser():
    made = argparse.ArgumentParser(
        prog="dl-spark", description=WORDS, epilog=MORE, formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="dl-spark --output PLACE [OPTION]... INPUT... [-- FLAG OF DL-TREE...]",
    )
    add = made.add_argument
    add("inputs", nargs="+", metavar="INPUT", help=argparse.SUPPRESS)
    add("--output", required=True, metavar="PLACE", help="a directory or URL, which must not be there yet")
    add("--to", choices=["ndjson", "parquet"], default="ndjson",
        help="ndjson: lines as dl-tree writes them (default); parquet: them as column json, with those to select by")
    add("--master", default="local[*]", metavar="URL", help="where Spark runs (default %(default)s, all cores here)")
    add("--partitions", type=number, metavar="N", help="how many dl-tree in all (default: one for each core, or more "
        "so that none has more than 1 GB)")
    add("--split", type=size, metavar="SIZE", help="of a file for one task (default: one task for each core, of 64MiB to 1GiB)")
    add("--read", choices=["auto", "spark"], default="auto",
        help="spark: let Spark read files too, for what only it can open (default auto)")
    add("--conf", action="append", default=[], metavar="KEY=VALUE", help="a setting of Spark; may be given again")
    add("--bin", default=os.environ.get("DISTLOG_BIN", ""), metavar="DIR",
        help="where dl-filter and dl-tree are (default: $DISTLOG_BIN, a release build beside this script, or PATH)")
    add("--verbose", action="store_true", help="show what Spark says")
    add("--setup", action="store_true", help="only install what is needed (alone)")
    return made


def read(words):
    """The options, with the flags of dl-tree in `tree_flags`; raises Wrong."""
    words, flags = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    options = parser().parse_args(words)
    options.tree_flags = flags
    options.shard_by = _checked(flags, options.to)
    options.programs = {name: _program(options.bin, name) for name in ("dl-filter", "dl-tree")}
    for setting in options.conf:
        if "=" not in setting:
            raise Wrong(f"--conf {setting}: expected KEY=VALUE")
    return options


def _checked(flags, form):
    """The field that --tree names, if one does."""
    given = {}
    for at, flag in enumerate(flags):
        name, _, value = flag.partition("=")
        if not flag.startswith("-"):
            before = flags[at - 1] if at else ""
            if not before.startswith("-") or "=" in before or before in BARE:
                raise Wrong(f"-- {flag}: inputs stand before --")
        elif name in REFUSED:
            raise Wrong(f"-- {name}: {REFUSED[name]}")
        given[name] = value or (flags[at + 1] if at + 1 < len(flags) else "")
    if "--id" in given and "--tree" not in given:
        raise Wrong("-- --id: without --tree, which records belong together is known only when all are in one place")
    if form == "parquet" and "--flatten" in given:
        raise Wrong("-- --flatten: records have no columns of trees; use --to ndjson")
    return given.get("--tree")


def _program(folder, name):
    path = os.path.join(folder, name) if folder else shutil.which(name)
    if not path or not os.access(path, os.X_OK):
        place = f"in {folder}" if folder else "in PATH"
        raise Wrong(f"{name} is not there: {place}\nbuild it: cargo build --release, or say where it is: --bin DIR")
    return os.path.abspath(path)
