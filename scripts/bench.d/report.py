"""The tables, as text."""

import runner
import works


def machine(facts, chosen):
    print(
        f"machine: {facts['cores']} cores, {facts['cpu']}, {facts['memory_gb']} GB, "
        f"{facts['kernel']}, load {facts['load']:.1f}"
    )
    print("versions: " + "; ".join(facts["versions"].values()))
    print(f"corpora of {chosen.size}, rounds: {chosen.rounds}, medians\n", flush=True)


def table(work, rows):
    head = ["tool", "MB/s", "records/s", "memory MB", "lines out", "ours / it (min–max)", "input"]
    _told(f"{work.name}: {work.title}", head, rows, _cells)


def _told(title, head, rows, cells):
    """A title, a row for each tool that was there, and why the others were not."""
    print(title)
    _print([head, *(cells(row) for row in rows if not row.get("absent"))])
    for row in rows:
        if row.get("absent"):
            print(f"  skipped {row['tool']}: {row['absent']}")
    print(flush=True)


def _cells(row):
    if row.get("failure"):
        return [row["tool"], "FAILED", "", "", "", row["failure"], ""]
    memory = row["memory_mb"]
    floor = runner.floor_mb()
    return [
        row["tool"],
        _number(row["mb_per_s"]),
        f"{row['records_per_s']:,.0f}",
        f"<{floor:.1f}" if memory <= floor else f"{memory:.0f}",
        f"{row['lines']:,}",
        _ratio(row),
        f"first {row['bytes'] / 1e6:.0f} MB" if row["part"] else "all",
    ]


def _ratio(row):
    if "ratio" not in row:
        return "–"
    middle, low, high = row["ratio"]
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


def latencies(rows):
    title = "latency: from one line written to an open stdin until it comes out"
    _told(title, ["tool", "median ms", "max ms", "first ms", "note"], rows, _latency_cells)


def _latency_cells(row):
    if row.get("silent"):
        return [row["tool"], "–", "–", "–", row["silent"]]
    return [row["tool"], *(f"{row[key]:.2f}" for key in ("median_ms", "max_ms", "first_ms")), ""]


def commands(names):
    for name in names:
        print(name)
        if name not in works.WORKS:
            continue
        for peer in works.make(name).peers:
            command = peer.command
            print(f"  {peer.tool}: {command if isinstance(command, str) else ' '.join(command)}")
    return 0


def _number(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _print(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        left, *others = zip(row, widths)
        cells = [left[0].ljust(left[1])]
        for column, (text, width) in enumerate(others):
            cells.append(text.ljust(width) if column >= 4 else text.rjust(width))
        print("  " + "  ".join(cells).rstrip())


def wire(name, title, rows):
    _told(f"{name}: {title}", ["tool", "records/s", "CPU µs a record", "ours / it (min–max)"], rows, _wire_cells)


def _wire_cells(row):
    return [row["tool"], f"{row['records_per_s']:,.0f}", f"{row['cpu_us']:.2f}", _ratio(row)]


def scale(rows):
    title = "spark: trees of one file by one process, by several, and by Spark, written to files"
    head = ["tool", "seconds", "CPU seconds", "MB/s", "it / dl-tree, less its start (min–max)"]
    _told(title, head, rows, _scale_cells)


def _scale_cells(row):
    if row.get("failure"):
        return [row["tool"], "FAILED", "", "", row["failure"]]
    speed = "" if "no records" in row["tool"] else _number(row["mb_per_s"])
    return [row["tool"], f"{row['seconds']:.1f}", f"{row['cpu_seconds']:.1f}", speed, _ratio(row)]
