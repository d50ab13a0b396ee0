"""Levels of real processes, changed by dl-ctl by way of dl-recv."""

import contextlib
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from support import PATIENCE, PYTHON, ROOT, program, wait_until, whole_lines

APP = str(Path(__file__).with_name("control_app.py"))


class Plane:
    """A dl-recv with --control in a folder of its own."""

    def __init__(self, records="ndjson+unix://in.sock", *more):
        self.folder = tempfile.mkdtemp()
        self.records, self.more = records, more
        self.place = f"ipc://{self.folder}/ctl"
        self.levels = f"ndjson+unix://{self.folder}/ctl.levels"
        self.process = None

    def start(self):
        command = [program("dl-recv"), self.records, "--control", "ipc://ctl", *self.more, "-o", "out.ndjson"]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        where = ""
        while "listening on " not in where:
            where = self.process.stderr.readline()
            assert where, f"dl-recv ended with {self.process.wait()}"
            if "their levels to ndjson+tcp" in where:
                self.levels = where.split()[-1]
        self.input = where.split()[-1].replace("://in.sock", f"://{self.folder}/in.sock")

    def kill(self, with_signal=signal.SIGKILL):
        self.process.send_signal(with_signal)
        words = self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode, words

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ctl(self, *arguments):
        """What dl-ctl says: the rules as JSON, its words, and its exit status."""
        done = subprocess.run(
            [program("dl-ctl"), *arguments, "--json", "--control", self.place],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, text=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr, done.returncode

    def out(self):
        path = Path(self.folder, "out.ndjson")
        return [json.loads(line) for line in whole_lines(path)]

    def wait_for_processes(self, count):
        wait_until(
            lambda: f"no rules; {count} process" in self.ctl("list")[1], f"{count} processes to be connected"
        )


class App:
    """A process of control_app.py."""

    def __init__(self, plane, name, host="api-1"):
        environment = {**os.environ, "PYTHONPATH": str(PYTHON), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-W", "error::ResourceWarning", APP, plane.input, plane.levels, name, host]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.name = name
        ready = self._line().split()
        assert ready[:1] == ["ready"], ready
        self.pid = int(ready[1])

    def _line(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(PATIENCE):
                raise AssertionError(f"{self.name} says nothing")
        return self.process.stdout.readline()

    def __call__(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self._line().strip()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Case(unittest.TestCase):
    def plane(self, *arguments):
        made = Plane(*arguments)
        self.addCleanup(made.close)
        made.start()
        return made

    def app(self, *arguments):
        made = App(*arguments)
        self.addCleanup(made.close)
        return made

    def events(self, standing):
        """What the processes of a rule answered, by their names."""
        return {
            one["process"]: one["answer"]["event"] if one.get("answer") else None for one in standing["processes"]
        }


class Rules(Case):
    def test_processes_apply_a_rule_and_end_it(self):
        plane = self.plane()
        orders, billing, quiet = self.app(plane, "orders"), self.app(plane, "billing", "db-1"), self.app(plane, "quiet")
        plane.wait_for_processes(3)
        (rule,), words, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "10m", "--why", "INC-42")
        self.assertEqual((words, status), ("", 0))
        self.assertEqual(self.events(rule), {"orders": "applied", "billing": "applied", "quiet": "applied"})
        for party in rule["processes"]:
            answer = party["answer"]
            self.assertEqual(answer["matched"], [{"logger": "orders.db", "old": "WARNING", "new": "DEBUG"}])
            self.assertEqual(answer["unheard"], 1 if party["process"] == "quiet" else 0)
        self.assertEqual({party["pid"] for party in rule["processes"]}, {orders.pid, billing.pid, quiet.pid})
        self.assertEqual(orders("on", "orders.db"), "yes")
        self.assertEqual(orders("own", "orders.db"), "NOTSET")
        self.assertEqual(billing("on", "payments"), "no")
        # A logger that was not there.
        self.assertEqual(orders("on", "orders.made.later"), "yes")
        orders("say", "orders.made.later", "details")
        wait_until(lambda: any(one["message"] == "details" for one in plane.out()), "the details")
        # The program changes its mind meanwhile.
        self.assertEqual(billing("level", "orders.db", "ERROR"), "set")
        self.assertEqual(billing("on", "orders.db"), "yes")
        # One that starts late gets what is in force, with the time that is left.
        late = self.app(plane, "late")
        wait_until(lambda: late("on", "orders.db") == "yes", "the rule in a late process")
        wait_until(lambda: self.events(plane.ctl("list")[0][0]).get("late") == "applied", "its answer")
        # One dies.
        os.kill(quiet.pid, signal.SIGKILL)

        def has_left():
            parties = plane.ctl("list")[0][0]["processes"]
            return [one["connected"] for one in parties if one["process"] == "quiet"] == [False]

        wait_until(has_left, "the end of a process to be noticed")
        (cleared,), words, status = plane.ctl("clear", rule["id"])
        self.assertEqual(self.events(cleared), {"orders": "ended", "billing": "ended", "late": "ended", "quiet": "applied"})
        self.assertEqual((words, status), ("", 0))
        for app in (orders, billing, late):
            self.assertEqual(app("on", "orders.db"), "no")
            self.assertEqual((app("rules"), app("traces")), ("none", "none"))
        self.assertEqual(billing("on", "orders.db", "WARNING"), "no")
        self.assertEqual(billing("own", "orders.db"), "ERROR")
        # One record for each change, through the ordinary stream.
        found = sorted(
            (one["control"]["event"], one["control"]["process"], one["levelname"], one["name"])
            for one in plane.out() if "control" in one
        )
        self.assertEqual(
            found,
            [("applied", name, "INFO", "distlog.control") for name in ("billing", "late", "orders", "quiet")]
            + [("ended", name, "INFO", "distlog.control") for name in ("billing", "late", "orders")],
        )
        (answer,) = [
            one["control"] for one in plane.out()
            if "control" in one and one["control"]["process"] == "orders" and one["control"]["event"] == "applied"
        ]
        self.assertEqual(
            (answer["rule"], answer["host"], answer["pid"], answer["pattern"], answer["level"], answer["why"]),
            (rule["id"], "api-1", orders.pid, "orders.*", "DEBUG", "INC-42"),
        )

    def test_only_hosts_and_processes_that_are_meant(self):
        plane = self.plane()
        apps = {name: self.app(plane, name, host) for name, host in (("web", "api-1"), ("worker", "api-2"), ("web2", "db-1"))}
        plane.wait_for_processes(3)
        (rule,), _, status = plane.ctl("set", "*", "INFO", "--ttl", "1m", "--host", "api-*", "--process", "web*")
        self.assertEqual((self.events(rule), status), ({"web": "applied"}, 0))
        self.assertEqual([apps[name]("on", "x", "INFO") for name in ("web", "worker", "web2")], ["yes", "no", "no"])
        rules, words, status = plane.ctl("set", "*", "INFO", "--ttl", "1m", "--host", "nowhere", "-e")
        self.assertEqual((self.events(rules[0]), status), ({}, 1))
        self.assertEqual(
            words, "dl-ctl: none of 3 connected processes is meant; those that come later get it if they are\n"
        )

    def test_one_task_in_all_processes(self):
        plane = self.plane()
        apps = [self.app(plane, name) for name in ("web", "worker")]
        plane.wait_for_processes(2)
        wanted, other = "40be6df2-c2c4-4a1f-a1b4-b8d5b5b0f8b2", "9e107d9d-3724-4f5a-a1b4-b8d5b5b0f8b2"
        (rule,), _, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "1m", "--task", wanted)
        self.assertEqual((self.events(rule), status), ({"web": "applied", "worker": "applied"}, 0))
        for app in apps:
            self.assertEqual(app("task", wanted, "orders.db"), "yes")
            self.assertEqual(app("task", other, "orders.db"), "no")
            self.assertEqual(app("task", wanted, "payments"), "no")
            self.assertEqual(app("on", "orders.db"), "no")

    def test_a_part_of_an_id_is_no_task(self):
        plane = self.plane()
        app = self.app(plane, "web")
        plane.wait_for_processes(1)
        wanted = "40be6df2-c2c4-4a1f-a1b4-b8d5b5b0f8b2"
        (rule,), words, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "1m", "--task", wanted[:8])
        self.assertEqual((self.events(rule), status), ({"web": "refused"}, 3))
        self.assertEqual(
            rule["processes"][0]["answer"]["reason"],
            "'40be6df2' is no task here: their ids are UUIDs, and the whole one is needed",
        )
        self.assertEqual(
            words,
            "dl-ctl: --task 40be6df2: dl-fmt shows the first 8 characters of longer ids, and a rule needs all of them\n"
            "dl-ctl: the whole id stands above each tree of dl-fmt\n"
            "dl-ctl: 1 of 1 process refused it\n",
        )
        self.assertEqual(app("task", wanted, "orders.db"), "no")
        # As others write it.
        for written in (wanted.upper(), wanted.replace("-", "")):
            (rule,), words, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "1m", "--task", written)
            self.assertEqual((self.events(rule), words, status), ({"web": "applied"}, "", 0))
            self.assertEqual(app("task", wanted, "orders.db"), "yes")
            plane.ctl("clear")

    def test_a_dry_run_changes_nothing(self):
        plane = self.plane()
        app = self.app(plane, "orders")
        plane.wait_for_processes(1)
        (rule,), _, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "1m", "--dry-run")
        self.assertEqual((self.events(rule), status), ({"orders": "matched"}, 0))
        self.assertEqual(
            rule["processes"][0]["answer"]["matched"], [{"logger": "orders.db", "old": "WARNING", "new": "DEBUG"}]
        )
        self.assertEqual((app("on", "orders.db"), app("rules"), app("traces")), ("no", "none", "none"))
        self.assertEqual(plane.ctl("list")[0], [])

    def test_who_is_silent_is_told(self):
        plane = self.plane()
        awake, asleep = self.app(plane, "awake"), self.app(plane, "asleep")
        plane.wait_for_processes(2)
        os.kill(asleep.pid, signal.SIGSTOP)
        try:
            (rule,), words, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "1m", "--wait", "1s")
        finally:
            os.kill(asleep.pid, signal.SIGCONT)
        self.assertEqual(self.events(rule), {"awake": "applied", "asleep": None})
        self.assertEqual((words, status), ("dl-ctl: 1 of 2 processes was silent\n", 3))
        wait_until(lambda: asleep("on", "orders.db") == "yes", "the process to wake up")
        self.assertEqual(awake("on", "orders.db"), "yes")

    def test_rules_over_tcp_and_answers_over_zeromq(self):
        plane = self.plane("tcp://127.0.0.1:0", "--control", "ndjson+tcp://127.0.0.1:0")
        self.assertIn("ndjson+tcp", plane.levels)
        app = self.app(plane, "orders")
        plane.wait_for_processes(1)
        (rule,), _, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "1m")
        self.assertEqual((self.events(rule), status), ({"orders": "applied"}, 0))
        self.assertEqual(app("on", "orders.db"), "yes")


class Ends(Case):
    def test_a_rule_ends_though_its_controller_was_killed(self):
        plane = self.plane()
        apps = [self.app(plane, name) for name in ("a", "b", "c")]
        plane.wait_for_processes(3)
        began = time.monotonic()
        _, _, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "3s")
        self.assertEqual(status, 0)
        plane.kill()
        self.assertEqual([app("on", "orders.db") for app in apps], ["yes"] * 3)
        for app in apps:
            wait_until(lambda app=app: app("on", "orders.db") == "no", "the rule to end")
            wait_until(lambda app=app: app("traces") == "none", "nothing to be left of it")
        self.assertGreaterEqual(time.monotonic() - began, 3)
        # The next collector gets the records of the end, and can set rules again.
        plane.start()
        plane.wait_for_processes(3)
        wait_until(
            lambda: [one["control"]["reason"] for one in plane.out() if one.get("control", {}).get("event") == "ended"]
            == ["expired"] * 3,
            "the records of the end",
        )
        (rule,), _, status = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "1m")
        self.assertEqual((self.events(rule), status), ({"a": "applied", "b": "applied", "c": "applied"}, 0))

    def test_a_collector_that_starts_anew_knows_no_rules(self):
        plane = self.plane()
        app = self.app(plane, "a")
        plane.wait_for_processes(1)
        plane.ctl("set", "orders.*", "DEBUG", "--ttl", "10m")
        self.assertEqual(app("on", "orders.db"), "yes")
        plane.kill()
        plane.start()
        wait_until(lambda: app("on", "orders.db") == "no", "the rule of the last run to end")
        plane.wait_for_processes(1)

    def test_a_rule_is_never_set_for_ever(self):
        plane = self.plane("ndjson+unix://in.sock", "--control-ttl", "1m")
        self.assertEqual(plane.ctl("set", "*", "DEBUG")[2], 2)
        _, words, status = plane.ctl("set", "*", "DEBUG", "--ttl", "61s")
        self.assertEqual((words, status), ("dl-ctl: --ttl: a rule lasts 60 s at most\n", 2))
        self.assertEqual(plane.ctl("set", "*", "DEBUG", "--ttl", "0s")[2], 2)
        self.assertEqual(plane.ctl("set", "*", "DEBUG", "--ttl", "1m")[2], 0)

    def test_the_collector_ends_at_once_when_asked(self):
        plane = self.plane()
        self.app(plane, "a")
        plane.wait_for_processes(1)
        began = time.monotonic()
        status, words = plane.kill(signal.SIGTERM)
        self.assertEqual(status, 0, words)
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(sorted(os.listdir(plane.folder)), ["out.ndjson"])


@unittest.skipUnless(hasattr(os, "fork"), "there is no fork")
class Shop(Case):
    """The example, whose services log from INFO until they are asked for more."""

    def test_one_service_tells_more(self):
        plane = self.plane()
        # In force before anybody is there, and told to each that comes.
        plane.ctl("set", "*", "DEBUG", "--process", "payments", "--ttl", "2m", "--why", "declined", "--wait", "0s")
        done = subprocess.run(
            [
                sys.executable, str(ROOT / "examples/shop/run.py"), "--requests", "60",
                "--collector", plane.input, "--levels", plane.levels,
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE * 2,
        )
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        wait_until(lambda: sum("has stopped" in r["message"] for r in plane.out()) == 4, "the last records of all four")
        records = plane.out()
        details = [record for record in records if record["levelno"] < 20]
        self.assertEqual({record["service"] for record in details}, {"payments"})
        answers = [record for record in records if record["name"] == "distlog.control"]
        self.assertEqual([(r["service"], r["control"]["event"], r["control"]["why"]) for r in answers][:1],
                         [("payments", "applied", "declined")])
        self.assertLess(60, sum(record["service"] == "orders" for record in records))


class Forks(Case):
    def test_a_forked_process_answers_for_itself(self):
        plane = self.plane()
        app = self.app(plane, "pre")
        plane.wait_for_processes(1)
        before = plane.ctl("set", "orders.*", "DEBUG", "--ttl", "4s")[0][0]["id"]
        pid = int(app("fork"))
        # What was in force holds in the child too, and it says so.
        self.assertEqual(app("child", "on", "orders.db"), "yes")

        def pids(standing):
            return sorted(
                one["pid"] for one in standing["processes"] if (one.get("answer") or {}).get("event") == "applied"
            )

        wait_until(
            lambda: [pids(one) for one in plane.ctl("list")[0]] == [sorted((app.pid, pid))], "the child's answer"
        )
        (rule,), _, status = plane.ctl("set", "payments", "DEBUG", "--ttl", "1m")
        self.assertEqual((pids(rule), status), (sorted((app.pid, pid)), 0))
        self.assertEqual([app("on", "payments"), app("child", "on", "payments")], ["yes", "yes"])
        # The end of the first one comes in both.
        wait_until(lambda: app("child", "on", "orders.db") == "no", "the end in the child")
        wait_until(lambda: app("on", "orders.db") == "no", "the end in the parent")
        wait_until(
            lambda: sorted(
                one["control"]["pid"] for one in plane.out()
                if one.get("control", {}).get("event") == "ended" and one["control"]["rule"] == before
            ) == sorted((app.pid, pid)),
            "both to log the end",
        )
        self.assertEqual(app("child", "rules"), rule["id"])
        app("reap")

        def is_alone():
            parties = plane.ctl("list")[0][0]["processes"]
            return [one["pid"] for one in parties if one["connected"]] == [app.pid]

        wait_until(is_alone, "the end of the child to be noticed")
        self.assertEqual(plane.ctl("clear")[2], 0)


class Hostile(Case):
    """A collector that is none."""

    def test_what_cannot_be_understood_harms_nothing(self):
        plane = self.plane()
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        path = f"{folder}/levels"
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as fake:
            fake.bind(path)
            fake.listen(8)
            fake.settimeout(PATIENCE)
            plane.levels = f"ndjson+unix://{path}"
            app = self.app(plane, "orders")
            good = {"id": "good", "loggers": "orders.*", "level": "DEBUG", "ttl": 30}
            odd = [
                1, None, {}, {"id": 7}, {"id": "x" * 100, "loggers": "*"},
                {"id": "a", "loggers": "*", "level": "__import__('os')", "ttl": 5},
                {"id": "b", "loggers": "*", "level": "DEBUG", "ttl": "inf"},
                {"id": "c", "loggers": ["*"], "level": "DEBUG", "ttl": 5},
                {"id": "d", "loggers": "*", "level": 10, "ttl": 5},
            ]
            lines = [
                b"\xff\xfe\n", b"[]\n", b'{"distlog":2,"rules":[]}\n', b"[" * 100_000 + b"\n",
                b"x" * (2 << 20), b'{"distlog":1,"rules":{}}\n',
            ]
            for line in [*lines, json.dumps({"distlog": 1, "rules": [*odd, good]}).encode() + b"\n"]:
                made, _ = fake.accept()
                with contextlib.closing(made):
                    made.settimeout(PATIENCE)
                    hello = json.loads(made.makefile().readline())
                    self.assertEqual((hello["process"], hello["pid"]), ("orders", app.pid))
                    with contextlib.suppress(OSError):
                        made.sendall(line)
                    if line not in lines:
                        wait_until(lambda: app("rules") == "good", "the one good rule")
                        break
                    # It hangs up, and comes again.
                    with contextlib.suppress(OSError):
                        self.assertEqual(made.recv(1), b"")
            self.assertEqual((app("on", "orders.db"), app("on", "payments")), ("yes", "no"))
            wait_until(lambda: sum("control" in one for one in plane.out()) == 5, "the answers")
            self.assertEqual(
                sorted((one["control"]["rule"], one["control"]["event"]) for one in plane.out()),
                [("a", "refused"), ("b", "refused"), ("c", "refused"), ("d", "refused"), ("good", "applied")],
            )


if __name__ == "__main__":
    unittest.main()
