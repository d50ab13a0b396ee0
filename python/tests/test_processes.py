"""Scopes of processes: those that are started, forked and killed."""

import concurrent.futures
import logging
import multiprocessing
import os
import signal
import tempfile
import unittest
from pathlib import Path

from distlog import JSONFormatter, preserve_context, task, to

from support import PYTHON, logged, nodes_of, parse, run_python, trees_of

log = logging.getLogger("tests.processes")


def _log_to_file():
    """What another process logs goes into a file of that process."""
    handler = logging.FileHandler(Path(os.environ["SCOPE_TEST"], f"{os.getpid()}.ndjson"), encoding="utf-8")
    handler.setFormatter(JSONFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG)
    return os.getpid()


def _child_of_pool(number):
    """Runs in another process."""
    if _configured != os.getpid():
        _log_to_file()
    with to("work on %d", number):
        log.info("worked on %d", number)


# A process that is spawned imports this module, and sets its logging up as it would anywhere.
_configured = None
if multiprocessing.current_process().name != "MainProcess" and "SCOPE_TEST" in os.environ:
    _configured = _log_to_file()


class Processes(unittest.TestCase):
    def gather(self, folder):
        return [line for file in sorted(Path(folder).glob("*.ndjson")) for line in file.read_bytes().splitlines()]

    def test_all_start_methods(self):
        for method in multiprocessing.get_all_start_methods():
            with self.subTest(method=method), tempfile.TemporaryDirectory() as folder:
                os.environ["SCOPE_TEST"] = folder
                os.environ["PYTHONPATH"] = os.pathsep.join([str(PYTHON), str(PYTHON / "tests")])
                with logged() as out:
                    with task("spread by %s", method) as root:
                        context = multiprocessing.get_context(method)
                        processes = [
                            context.Process(target=preserve_context(_child_of_pool), args=(n,)) for n in range(3)
                        ]
                        for process in processes:
                            process.start()
                        for process in processes:
                            process.join()
                        self.assertEqual([p.exitcode for p in processes], [0, 0, 0])
                lines = out.lines + self.gather(folder)
                trees = trees_of(lines)
                self.assertEqual(list(trees), [root.id])
                tree = trees[root.id]
                self.assertEqual((tree["status"], len(tree["processes"])), ("succeeded", 4))
                nodes = nodes_of(tree)
                # Where a function was pickled on its way, the call has a scope of its own.
                calls = [n for n in nodes if n["name"].endswith("_child_of_pool")]
                self.assertEqual(len(calls), 0 if method == "fork" else 3)
                work = sorted(n["name"] for n in nodes if n["name"].startswith("work on"))
                self.assertEqual(work, ["work on 0", "work on 1", "work on 2"])
                self.assertEqual({n["status"] for n in nodes}, {"succeeded"})
                keys = [parse(line)["context"]["key"] for line in lines]
                self.assertEqual(len(keys), len(set(keys)))

    def test_a_pool_of_processes(self):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SCOPE_TEST"] = folder
            os.environ["PYTHONPATH"] = os.pathsep.join([str(PYTHON), str(PYTHON / "tests")])
            with logged() as out:
                with task("a pool") as root:
                    context = multiprocessing.get_context("spawn")
                    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
                        list(pool.map(preserve_context(_child_of_pool), range(6)))
            tree = trees_of(out.lines + self.gather(folder))[root.id]
            self.assertEqual(tree["status"], "succeeded")
            work = [n for n in nodes_of(tree) if n["name"].startswith("work on")]
            self.assertEqual(len(work), 6)

    def test_a_bare_fork_has_a_branch_of_its_own(self):
        code = '''
import logging, os, sys
from distlog import JSONFormatter, task, to
handler = logging.FileHandler(sys.argv[1])
handler.setFormatter(JSONFormatter())
logging.basicConfig(level=logging.DEBUG, handlers=[handler])
with task("parent") as root:
    logging.info("before")
    child = os.fork()
    logging.info("in %s", "parent" if child else "child")
    with to("in either"):
        pass
    if child:
        assert os.waitpid(child, 0)[1] == 0
'''
        with tempfile.TemporaryDirectory() as folder:
            done = run_python(code, Path(folder, "log"))
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = Path(folder, "log").read_bytes().splitlines()
        records = [parse(line) for line in lines]
        keys = [r["context"]["key"] for r in records]
        self.assertEqual(len(keys), len(set(keys)))
        (tree,) = trees_of(lines).values()
        self.assertEqual(tree["status"], "succeeded")
        told = sorted((n["name"], n["status"]) for n in nodes_of(tree))
        self.assertEqual(
            told,
            [("forked: parent", "succeeded"), ("in either", "succeeded"), ("in either", "succeeded"),
             ("parent", "succeeded")],
        )

    def test_killed_it_is_still_running(self):
        code = '''
import logging, os, signal, sys
from distlog import JSONFormatter, task, to
handler = logging.FileHandler(sys.argv[1])
handler.setFormatter(JSONFormatter())
logging.basicConfig(level=logging.DEBUG, handlers=[handler])
with task("doomed"):
    with to("done"):
        pass
    with to("under way"):
        os.kill(os.getpid(), signal.SIGKILL)
'''
        with tempfile.TemporaryDirectory() as folder:
            done = run_python(code, Path(folder, "log"))
            self.assertEqual(done.returncode, -signal.SIGKILL)
            lines = Path(folder, "log").read_bytes().splitlines()
        (tree,) = trees_of(lines).values()
        self.assertEqual(tree["status"], "running")
        told = {n["name"]: n["status"] for n in nodes_of(tree)}
        self.assertEqual(told, {"doomed": "running", "done": "succeeded", "under way": "running"})

    def test_a_sender_imports_nothing_that_a_fork_could_cut_in_two(self):
        code = '''
import logging, socket, sys
from distlog import NdjsonHandler

server = socket.create_server(("127.0.0.1", 0))
handler = NdjsonHandler("ndjson+tcp://127.0.0.1:%d" % server.getsockname()[1])
logging.getLogger().addHandler(handler)
before = set(sys.modules)
logging.warning("a record")
peer, _ = server.accept()
assert peer.recv(10)
print(sorted(set(sys.modules) - before))
'''
        done = run_python(code)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, b"[]"), done.stderr)


if __name__ == "__main__":
    unittest.main()
