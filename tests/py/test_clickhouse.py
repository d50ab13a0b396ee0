"""dl-send and dl-recv with ClickHouse: chdb, behind the HTTP front of clickhouse_front.py. What is put in is there once, whatever
happens on the way, and comes back as it was. It takes a package of half a gigabyte; scripts/test --scale runs it."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("DISTLOG_BIN") or os.path.join(os.environ.get("CARGO_TARGET_DIR", ROOT + "/target"), "debug")
FRONT = os.path.join(ROOT, "tests", "py", "clickhouse_front.py")
# Nothing takes that long, unless it hangs.
MOST = 120
# The password of the front, which is never in an address.
ENV = {**os.environ, "CLICKHOUSE_PASSWORD": "love lace", "DISTLOG_CONFIG": ""}

EXPRESSIONS = [
    "level >= warning",
    "level < info",
    "level in (debug, error)",
    "host == \"o'neil\"",
    'host == "back\\\\slash"',
    "host in (web-1, web-2) and not (level == error)",
    "host != web-1",
    "logger ~ '^l[12]$'",
    "tree == r7",
    "tree == '4BF92F3577B34DA6A3CE929D0E0E4736'",
    "tree == '4bf92f3577b34da6a3ce929d0e0e4736'",
    "time >= '2026-11-21T10:00:00.000001Z' and time < '2026-11-22'",
    "time > '2026-11-22T12:00:00Z' or (.n < 10 and level == info)",
    "time < '1950-01-01'",
    "time > '2200-01-01'",
    "logger == l1 and host == web-2 and time >= 2026-11-21 and .n > 500",
    "exists(time)",
    "level == 35",
    "message == x",
]


def records(count, of="x", seed=5):
    """So many different records, in the order of time."""
    rng = random.Random(seed)
    lines = []
    for number in range(count):
        second = number * 86_400 * 3 // count
        day, second = 20 + second // 86_400, second % 86_400
        lines.append(
            f'{{"n":{number},"of":"{of}","level":"{rng.choice(["debug", "info", "warning", "error"])}",'
            f'"host":"{rng.choice(["web-1", "web-2", "o" + chr(39) + "neil", "back" + 2 * chr(92) + "slash"])}",'
            f'"logger":"l{rng.randrange(5)}","time":"2026-11-{day}T{second // 3600:02}:{second // 60 % 60:02}:'
            f'{second % 60:02}.{number % 1000:06}Z","request_id":"r{rng.randrange(count // 10 + 1)}", "x" : 1.50}}\n'
        )
    return "".join(lines)


def in_order(text):
    """The lines of a text, whatever their order."""
    return sorted(text.splitlines())


class Server:
    """The front, which can be killed and started again on its port."""

    def __init__(self):
        self.held = tempfile.TemporaryDirectory()
        self.port = 0
        self.start()

    def start(self):
        words = [sys.executable, FRONT, str(self.port), self.held.name]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def kill(self):
        self.process.kill()
        self.process.wait(MOST)
        self.process.stdout.close()

    def crash_after_the_next(self):
        """Its next INSERT is the last thing that it does, and nobody hears of it."""
        with open(os.path.join(self.held.name, "next"), "w") as file:
            file.write("CRASH")

    def url(self, table, more=""):
        return f"clickhouse://ada@127.0.0.1:{self.port}/logs?table={table}{more}"

    def query(self, text):
        """Asks as a user would, with the client that Python has."""
        import urllib.request

        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/?database=logs",
            text.encode(),
            {"X-ClickHouse-User": "ada", "X-ClickHouse-Key": ENV["CLICKHOUSE_PASSWORD"]},
        )
        with urllib.request.urlopen(request, timeout=MOST) as answer:
            return answer.read().decode().strip()

    def close(self):
        self.kill()
        self.held.cleanup()


def start(program, *words):
    pipe = subprocess.PIPE
    return subprocess.Popen([os.path.join(BIN, program), *words], stdin=pipe, stdout=pipe, stderr=pipe, env=ENV)


def run(program, *words, given="", env=ENV):
    """A run that ends well, or at least ends: what it writes, says, and its status."""
    given = given.encode() if isinstance(given, str) else given
    ran = subprocess.run([os.path.join(BIN, program), *words], input=given, capture_output=True, timeout=MOST, env=env)
    return ran.stdout, ran.stderr.decode(), ran.returncode


class ClickHouse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(lambda: cls.server.close())

    def send(self, url, text, *words):
        out, err, status = run("dl-send", url, *words, given=text)
        self.assertEqual((out, status), (b"", 0), err)
        return err

    def read(self, url, *words):
        out, err, status = run("dl-recv", url, *words)
        self.assertEqual((err, status), ("", 0))
        return out.decode()

    def count(self, table, more=""):
        return int(self.server.query(f"SELECT count() FROM {table} {more} FORMAT TSV"))

    def test_what_is_put_in_comes_back_and_only_once(self):
        url = self.server.url("whole")
        text = records(3_000)
        said = self.send(url, text, "--stats", "--batch", "700")
        self.assertEqual(said, "dl-send: 3000 read, 3000 written, 0 filtered, 0 rejected\n")
        self.assertEqual(self.count("whole"), 3_000)
        # They are of different times, and so the order is the one in which they were sent.
        self.assertEqual(self.read(url), text)
        more = text + '{"n":"new"}\n'
        self.send(url, more, "--compress", "none")
        # Nothing is unique there until the server merges; who reads sees each record once all the same.
        self.assertEqual(self.read(url), '{"n":"new"}\n' + text)
        self.assertEqual(self.count("whole", "FINAL"), 3_001)
        self.server.query("OPTIMIZE TABLE whole FINAL")
        self.assertEqual(self.count("whole"), 3_001)
        out, _, _ = run("dl-filter", "--count", "true", url)
        self.assertEqual(out, b"3001\n")
        # A partition for each day, and one for what has no time.
        days = self.server.query(
            "SELECT DISTINCT partition FROM system.parts WHERE database = 'logs' AND table = 'whole' AND active "
            "ORDER BY partition FORMAT TSV"
        )
        self.assertEqual(days.split(), ["19700101", "20261120", "20261121", "20261122"])
        rows = self.server.query(
            "SELECT time, level, logger, host, tree FROM whole ORDER BY time DESC, seq DESC LIMIT 1 FORMAT TSV"
        )
        last = text.splitlines()[-1]
        for value in rows.split("\t")[2:]:
            self.assertIn(value, last.replace("\\\\", "\\").replace("'", "\\'"), rows)

    def test_bytes_are_those_that_were_sent(self):
        url = self.server.url("odd")
        odd = b'{"a":NaN}\n{"a":"\\u0000\\\\n"}\n{"a":"\\ud800"}\n{"n":1,"n":2.50}\n{"a":"\xff\xfe"}\n{ "t\\t":"\t" }\n'
        odd += b'{"logger":"a\\u0000\\u0007\\"","host":"\xc3\xbc","n":12345678901234567890123}\n' + b'{"a":"' + b"y" * 3_000_000
        odd += b'"}\n'
        out, err, status = run("dl-send", url, "--stats", given=odd)
        out, back, status = run("dl-recv", url)
        self.assertEqual(status, 0, back)
        # What dl-send rejects never comes to the server.
        rejected = [line for line in odd.splitlines() if line not in out.splitlines()]
        self.assertIn(f"{len(rejected)} rejected", err)
        self.assertLessEqual(len(rejected), 1, rejected)
        self.assertGreater(len(out), 3_000_000)

    def test_the_server_finds_what_dl_filter_finds(self):
        url = self.server.url("found", "&partition=month")
        text = records(2_000)
        text += '{"trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736","n":1}\n'
        text += '{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","n":2}\n{"none":1}\n'
        text += '{"time":"1850-01-01T00:00:00Z","n":3}\n{"time":"2261-01-01T00:00:00Z","n":4}\n'
        self.send(url, text)
        for expr in EXPRESSIONS:
            with self.subTest(expr):
                expect, err, status = run("dl-filter", "--tz", "UTC", expr, given=text)
                self.assertEqual(status, 0, err)
                self.assertEqual(in_order(self.read(url, "--where", expr)), in_order(expect.decode()))

    def test_what_a_rule_of_the_table_is_against_is_rejected_alone(self):
        url = self.server.url("ruled")
        self.send(url, '{"first":1}\n')
        self.server.query("ALTER TABLE ruled ADD CONSTRAINT no_poison CHECK position(record, 'poison') = 0")
        text = records(500) + '{"poison":1}\n' + records(500, "y")
        with tempfile.TemporaryDirectory() as folder:
            rejects = os.path.join(folder, "rejects")
            said = self.send(url, text, "--stats", "--rejects", rejects)
            with open(rejects) as file:
                self.assertEqual(file.read(), '{"poison":1}\n')
        self.assertIn("1001 read, 1000 written, 0 filtered, 1 rejected", said)
        self.assertIn("VIOLATED_CONSTRAINT", said)
        self.assertEqual(self.count("ruled"), 1_001)

    def test_a_batch_of_many_days_goes_in_pieces(self):
        url = self.server.url("days")
        text = "".join(f'{{"time":{number * 86_400}}}\n' for number in range(1, 251))
        self.assertEqual(self.send(url, text), "")
        self.assertEqual(self.read(url), text)

    def test_what_is_old_goes_by_what_it_is(self):
        url = self.server.url("kept")

        def record(days, rest):
            return f'{{"time":{time.time() - days * 86_400:.3f},{rest}}}\n'

        kept = [
            record(1_000, '"level":"error","kind":"performance"'),
            record(30, '"level":"info","kind":"performance"'),
            record(1, '"level":"info"'),
            '{"level":"debug","no":"time"}\n',
        ]
        gone = [
            record(1_000, '"level":"info","kind":"performance"'),
            record(30, '"level":"info"'),
            record(8, '"level":"debug"'),
        ]
        # What is there twice goes twice.
        for _ in range(2):
            self.assertEqual(self.send(url, "".join(kept + gone)), "")
        rules = "level >= warning: 36500d, .kind == performance: 400d, true: 7d"
        words = f"dl-send: {url}: 3 old records removed\n"
        self.assertEqual(self.send(url, "", "--keep", rules), words)
        self.assertEqual(in_order(self.read(url)), in_order("".join(kept)))
        self.assertEqual(self.send(url, "", "--keep", "2d"), words.replace("3 old", "2 old"))
        self.assertEqual(in_order(self.read(url)), in_order("".join(kept[2:])))
        self.assertEqual(self.count("kept", "WHERE time > '1970-01-02' AND time < now() - INTERVAL 2 DAY"), 0)

    def test_a_question_that_fails_on_the_way_is_no_end(self):
        url = self.server.url("failing")
        self.send(url, records(2_000))
        # A policy would do the same: reading a row fails that is far behind.
        self.server.query(
            "CREATE VIEW broken AS SELECT time, seq, tree, hash, level, logger, service, host, "
            "if(throwIf(time > '2026-11-22 22:00:00', 'too far') = 0, record, '') AS record FROM failing"
        )
        out, err, status = run("dl-recv", self.server.url("broken"))
        self.assertEqual(status, 2)
        self.assertIn("dl-recv: clickhouse://ada@127.0.0.1:", err)
        self.assertNotIn(b"DB::Exception", out)

    def test_what_cannot_be_is_told_at_once(self):
        for url, env, words in [
            (self.server.url("t").replace("/logs", "/nowhere"), ENV, "CREATE DATABASE makes it"),
            (self.server.url("t"), {**ENV, "CLICKHOUSE_PASSWORD": "x"}, "AUTHENTICATION_FAILED"),
        ]:
            _, err, status = run("dl-send", url, given="{}\n", env=env)
            self.assertEqual(status, 2)
            self.assertIn(words, err)
        _, err, status = run("dl-recv", self.server.url("missing"))
        self.assertEqual((status, err.split(": ")[-1]), (2, "there is no table 'missing'\n"))


class Trouble(unittest.TestCase):
    """A server of its own for each test, which goes and comes back."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(lambda: self.server.close())
        self.url = self.server.url("records")

    def there(self):
        """How many rows are there, and how many records."""
        text = self.server.query("SELECT count(), uniqExact(hash) FROM records FORMAT TSV")
        return tuple(int(number) for number in text.split())

    def back(self):
        out, err, status = run("dl-recv", self.url)
        self.assertEqual((err, status), ("", 0))
        return out.decode()

    def test_a_server_that_is_killed_and_comes_back_gets_everything(self):
        text = records(6_000)
        first, second = text[: len(text) // 2], text[len(text) // 2 :]
        sender = start("dl-send", self.url, "--batch", "500", "--linger", "60s")
        self.addCleanup(sender.kill)
        sender.stdin.write(first.encode())
        sender.stdin.flush()
        deadline = time.monotonic() + MOST
        while True:
            try:
                if self.there()[0] > 500:
                    break
            except OSError:
                # The table is not made yet.
                pass
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.server.kill()
        # What the pipe does not take waits until the server is there again.
        pipe, sender.stdin = sender.stdin, None
        writer = threading.Thread(target=lambda: (pipe.write(second.encode()), pipe.close()), daemon=True)
        writer.start()
        self.server.start()
        writer.join(MOST)
        _, err = sender.communicate(timeout=MOST)
        self.assertEqual(sender.returncode, 0, err)
        self.assertIn(b"there again", err)
        self.assertEqual(self.back(), text)
        self.assertEqual(self.there()[1], 6_000)

    def test_a_batch_whose_answer_was_lost_is_there_once(self):
        text = records(1_000)
        self.server.crash_after_the_next()
        sender = start("dl-send", self.url, "--linger", "60s")
        self.addCleanup(sender.kill)
        sender.stdin.write(text.encode())
        sender.stdin.close()
        sender.stdin = None
        self.server.process.wait(MOST)
        self.server.process.stdout.close()
        self.server.start()
        _, err = sender.communicate(timeout=MOST)
        self.assertEqual(sender.returncode, 0, err)
        self.assertIn(b"there again", err)
        # Without a merge and without FINAL: the server knows the batch by its token.
        self.assertEqual(self.there(), (1_000, 1_000))

    def test_kill_9_loses_nothing(self):
        text = records(5_000)
        rng = random.Random(3)
        with tempfile.TemporaryDirectory() as folder:
            given = os.path.join(folder, "in.ndjson")
            with open(given, "w") as file:
                file.write(text)
            words = [self.url, "--batch", "200", "--spool", os.path.join(folder, "spool")]
            for _ in range(10):
                sender = start("dl-send", *words, given)
                self.addCleanup(sender.kill)
                try:
                    sender.wait(rng.uniform(0.02, 0.6))
                except subprocess.TimeoutExpired:
                    pass
                sender.send_signal(signal.SIGKILL)
                sender.communicate(timeout=MOST)
            _, err, status = run("dl-send", *words, given)
            self.assertEqual(status, 0, err)
        self.assertEqual(self.back(), text)
        rows, different = self.there()
        self.assertEqual(different, 5_000)
        self.assertGreaterEqual(rows, different)
        self.server.query("OPTIMIZE TABLE records FINAL")
        self.assertEqual(self.there(), (5_000, 5_000))


if __name__ == "__main__":
    unittest.main(verbosity=2)
