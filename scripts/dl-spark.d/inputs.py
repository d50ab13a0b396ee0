"""Which files there are, and the pieces of them that tasks read."""

import glob
import os
import re
import urllib.parse

from options import Wrong

# What dl-filter opens by itself, and what nobody can begin to read in the middle: gzip and zstd.
COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
# A piece of a file, if nobody says how large: to begin a task takes a second, and what has to be read again should not take
# minutes.
LEAST, MOST = 64 << 20, 1 << 30


def find(names):
    """The files `(path, size, is whole)` that names stand for, and the URLs that Spark is to read."""
    files, urls = [], []
    for name in names:
        scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):/", name)
        if scheme and scheme[1].lower() != "file":
            urls.append(name)
            continue
        path = urllib.parse.unquote(urllib.parse.urlparse(name).path) if scheme else name
        files += map(_looked_at, _files(path))
    return files, urls


def total(files):
    """How many bytes that is."""
    return sum(size for _, size, _ in files)


def split(files, piece, cores):
    """Pieces `(path, start, end)` of files, `end` None for all of it; without a size, about one for each core."""
    piece = piece or min(max(-(-total(files) // cores), LEAST), MOST)
    for path, size, is_whole in files:
        if is_whole:
            yield path, 0, None
        else:
            yield from ((path, start, min(start + piece, size)) for start in range(0, size, piece))


def _files(path):
    found = [path] if os.path.exists(path) else sorted(glob.glob(path, recursive=True))
    if not found:
        raise Wrong(f"{path}: no such file or directory")
    for one in found:
        if not os.path.isdir(one):
            yield os.path.abspath(one)
            continue
        for folder, folders, names in os.walk(one):
            folders.sort()
            # Names with _ or . in front are not data, as everywhere with Spark: _SUCCESS, .crc.
            yield from (os.path.abspath(os.path.join(folder, n)) for n in sorted(names) if n[0] not in "._")


def _looked_at(path):
    try:
        with open(path, "rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise Wrong(f"{path}: {error.strerror}") from error
    if not os.path.isfile(path):
        raise Wrong(f"{path}: no file, so it cannot be read in pieces")
    return path, os.path.getsize(path), magic.startswith(COMPRESSED)
