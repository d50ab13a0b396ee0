"""Scopes in text logs, as BQNT's TraceScope writes them."""

import io
import logging
import subprocess
import unittest

from distlog import task, to
from distlog.text import KeyValueFilter, KeyValueFormatter

from support import logged, program

log = logging.getLogger("tests.text")


def text_of(work, fmt="%(levelname)s %(message)s %(distlog)s", level=logging.DEBUG):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(KeyValueFormatter(fmt))
    with logged(level, handler):
        work()
    return stream.getvalue().splitlines()


class Form(unittest.TestCase):
    def test_started_detail_error_finished(self):
        def work():
            with task("some op", user="ada") as root:
                log.info("looking", extra={"info_key": "info_val"})
                with to("nested op"):
                    log.error("bad", extra={"error_key": 7})
            self.root = root.id

        lines = [line.replace(self_id(line), "ID") for line in text_of(work)]
        for number, pattern in enumerate((
            r"INFO some op trace_id=ID event=started op=\[some op\] user=\[ada\]",
            r"INFO looking trace_id=ID event=detail user=\[ada\] info_key=\[info_val\]",
            r"INFO nested op trace_id=ID\.1 event=started op=\[nested op\]",
            r"ERROR bad trace_id=ID\.1 event=error error_key=\[7\]",
            r"INFO nested op trace_id=ID\.1 event=finished dur_ms=[0-9.e-]+ success=True",
            r"INFO some op trace_id=ID event=finished dur_ms=[0-9.e-]+ success=True user=\[ada\]",
        )):
            self.assertRegex(lines[number], f"^{pattern}$")

    def test_values(self):
        def work():
            log.info("x", extra={
                "dict_key": {"a": 1, "c": {"d": 0}, "b": [1, 2]}, "long": "x" * 1000, "many": list(range(100)),
                "deep": [[[[[[[[1]]]]]]]], "odd": 'a] "b"\nc', "b": b"\x00", "strange name": None,
            })

        (line,) = text_of(work, "%(distlog)s")
        self.assertIn("dict_key=[a=1 c=[d=0] b=[1 2]]", line)
        self.assertIn(f"long=[{'x' * 200}…]", line)
        self.assertIn("19 …80]", line)
        self.assertIn("deep=[[[[[[…]]]]]]", line)
        self.assertIn('odd=["a] \\"b\\"\\nc"]', line)
        self.assertIn("b=[$bytes=AA==]", line.replace("_bytes", "$bytes"))
        self.assertIn("strange_name=[None]", line)

    def test_outside_of_any_scope_there_is_nothing(self):
        self.assertEqual(text_of(lambda: log.info("x"), "<%(distlog)s>"), ["<>"])

    def test_a_filter_serves_any_formatter(self):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("{message}|{distlog}", style="{"))
        handler.addFilter(KeyValueFilter())
        with logged(handler=handler), task("x"):
            pass
        self.assertRegex(stream.getvalue(), r"^x\|trace_id=\S+ event=started op=\[x\]\n")


class Trees(unittest.TestCase):
    def test_a_formatter_leaves_nothing_for_the_handlers_behind_it(self):
        text = logging.StreamHandler(io.StringIO())
        text.setFormatter(KeyValueFormatter())
        with logged() as out:
            logging.getLogger().handlers.insert(0, text)
            with task("some op"):
                log.info("inside", extra={"k": 1})
        self.assertIn("event=detail k=[1]", text.stream.getvalue())
        self.assertEqual(len(out.records), 3)
        for record in out.records:
            self.assertNotIn("distlog", record)

    def test_dl_tree_reads_them(self):
        def work():
            try:
                with task("some op"):
                    with to("nested op"):
                        raise ValueError("x")
            except ValueError:
                pass

        text = "\n".join(text_of(work, "%(asctime)s %(levelname)s %(name)s %(distlog)s")) + "\n"
        # A traceback is lines of its own in a text log.
        text = "".join(line + "\n" for line in text.splitlines() if "trace_id=" in line)
        records = subprocess.run(
            [program("dl-recv"), "--format", "logfmt", "-"], input=text.encode(), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.assertEqual(records.returncode, 0, records.stderr)
        tree = subprocess.run([program("dl-tree")], input=records.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        shown = subprocess.run([program("dl-fmt")], input=tree.stdout, stdout=subprocess.PIPE).stdout.decode()
        self.assertEqual(tree.stdout.count(b"\n"), 1, tree.stdout)
        self.assertIn("some op", shown)
        self.assertIn("nested op", shown)
        self.assertIn(b'"status":"failed"', tree.stdout)


def self_id(line):
    return line.partition("trace_id=")[2].split()[0].partition(".")[0]


if __name__ == "__main__":
    unittest.main()
