"""What the figures depend on: the machine and the versions."""

import os
import shutil
import socket
import subprocess

VERSIONS = {
    "dl-filter": ["--version"],
    "rg": ["--version"],
    "hl": ["--version"],
    "duckdb": ["--version"],
    "jaq": ["--version"],
    "jq": ["--version"],
    "mlr": ["--version"],
    "tspin": ["--version"],
    "fblog": ["--version"],
    "agrind": ["--version"],
    "eliot-tree": None,
}


def program(name):
    """Where a program is, or nothing; ours are looked for in DISTLOG_BIN only."""
    if name.startswith("dl-"):
        path = os.path.join(os.environ["DISTLOG_BIN"], name)
        return path if os.access(path, os.X_OK) else None
    return shutil.which(name)


def free_port(kind=socket.SOCK_STREAM):
    """A port of loopback that nobody has."""
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def has_module(name):
    command = ["python3", "-c", f"import {name}"]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def facts():
    """The machine's line, and the version of each program that is present."""
    model = "unknown CPU"
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    system = os.uname()
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": model,
        "kernel": f"{system.sysname} {system.release}",
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "load": os.getloadavg()[0],
        "versions": _versions(),
    }


def _versions():
    found = {}
    for name, arguments in VERSIONS.items():
        path = program(name)
        if path and arguments:
            answer = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
            found[name] = (answer.stdout.strip().splitlines() or ["?"])[0]
    script = (
        "from importlib.metadata import version, PackageNotFoundError\n"
        "for name in ('duckdb', 'eliot', 'eliot-tree', 'orjson'):\n"
        "    try: print(name, version(name))\n"
        "    except PackageNotFoundError: pass"
    )
    answer = subprocess.run(["python3", "-c", script], capture_output=True, text=True, check=True)
    for line in answer.stdout.splitlines():
        name, version = line.split()
        found.setdefault(name, f"{name} {version} (Python)")
    return found
