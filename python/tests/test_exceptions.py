"""Exceptions are told whole: causes, frames, groups and notes."""

import contextlib
import logging
import sys
import unittest

from distlog import task
from distlog.record import describe_exception

from support import logged, trees_of

log = logging.getLogger("tests.exceptions")


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Exceptions(unittest.TestCase):
    def test_the_chain_of_causes(self):
        with logged() as out:
            try:
                try:
                    try:
                        {}["missing"]
                    except KeyError as error:
                        raise ValueError("bad") from error
                except ValueError:
                    raise RuntimeError("while handling\nthat")
            except RuntimeError:
                log.exception("caught")
        (record,) = out.records
        info = record["exc_info"]
        self.assertEqual((info["type"], info["message"]), ("RuntimeError", "while handling\nthat"))
        self.assertEqual(info["context"]["type"], "ValueError")
        self.assertEqual((info["context"]["cause"]["type"], info["context"]["cause"]["message"]), ("KeyError", "'missing'"))
        self.assertEqual(info["frames"][0]["function"], "test_the_chain_of_causes")
        self.assertIn("The above exception was the direct cause", record["exc_text"])

    def test_dl_tree_tells_the_reason_in_one_line(self):
        errors = [(ValueError("2 errors\n\nfirst\n  second"), "ValueError: 2 errors"), (KeyError("k"), "KeyError: 'k'")]
        if sys.version_info >= (3, 11):
            noted = ValueError("bad")
            noted.add_note("it was night")
            group = ExceptionGroup("many", [noted, ExceptionGroup("more", [OSError(2, "gone")])])  # noqa: F821
            errors += [(noted, "ValueError: bad"), (group, "ExceptionGroup: many (2 sub-exceptions)")]
        for error, reason in errors:
            for cause in (None, LookupError("before\nthat")):
                with logged() as out, contextlib.suppress(type(error)), task("x"):
                    raise error from cause
                (tree,) = trees_of(out.lines).values()
                self.assertEqual(tree["root"]["exception"], reason)

    def test_suppressed_contexts_and_cycles(self):
        try:
            try:
                raise KeyError(1)
            except KeyError:
                raise ValueError(2) from None
        except ValueError as error:
            self.assertNotIn("context", describe_exception(error))
        first, second = ValueError("a"), ValueError("b")
        first.__cause__, second.__cause__ = second, first
        self.assertEqual(describe_exception(first)["cause"]["cause"], {"$cycle": True})

    def test_many_frames_and_an_exception_without_text(self):
        def recurse(levels):
            if levels:
                return recurse(levels - 1)
            raise Silent()

        with logged() as out:
            try:
                recurse(300)
            except Silent:
                log.exception("deep")
        (record,) = out.records
        self.assertEqual(len(record["exc_info"]["frames"]), 50)
        self.assertEqual(record["exc_info"]["frames_left_out"], 252)
        self.assertEqual(record["exc_info"]["frames"][-1]["function"], "recurse")

    def test_a_text_of_the_exception_that_says_nothing_is_none(self):
        # What loguru writes, so that a formatter adds no text of its own.
        try:
            raise ValueError("bad")
        except ValueError as error:
            record = logging.makeLogRecord(
                {"msg": "x", "levelno": 40, "exc_info": (type(error), error, error.__traceback__), "exc_text": "\n"}
            )
        with logged() as out:
            log.handle(record)
        (found,) = out.records
        self.assertIn("ValueError: bad", found["exc_text"])

    def test_no_exception_to_tell(self):
        with logged() as out:
            log.info("none", exc_info=True)
            log.error("given", exc_info=ValueError("not raised"))
        self.assertIsNone(out.records[0]["exc_info"])
        self.assertIsNone(out.records[0]["exc_text"])
        self.assertEqual(out.records[1]["exc_info"]["frames"], [])
        self.assertIn("ValueError: not raised", out.records[1]["exc_text"])

    @unittest.skipIf(sys.version_info < (3, 11), "exception groups came with 3.11")
    def test_groups_and_notes(self):
        error = ValueError("x")
        error.add_note("look here")
        group = ExceptionGroup("many", [error, KeyError("y")])  # noqa: F821
        described = describe_exception(group)
        self.assertEqual([one["type"] for one in described["exceptions"]], ["ValueError", "KeyError"])
        self.assertEqual(described["exceptions"][0]["notes"], ["look here"])

    @unittest.skipIf(sys.version_info < (3, 11), "exception groups came with 3.11")
    def test_what_several_members_have_in_common_is_told_once(self):
        # Each attempt fails while those before it are told of: with each, there would be twice as much to tell.
        errors = []
        for number in range(25):
            error = OSError(f"attempt {number}")
            if errors:
                error.__context__ = ExceptionGroup("before", list(errors))  # noqa: F821
            errors.append(error)
        group = ExceptionGroup("all", errors)  # noqa: F821
        with logged() as out:
            log.error("given up", exc_info=group)
        self.assertLess(len(out.lines[0]), 200_000)
        members = out.records[0]["exc_info"]["exceptions"]
        self.assertEqual([one["message"] for one in members[:2]], ["attempt 0", "attempt 1"])
        again = members[1]["context"]["exceptions"][0]
        self.assertEqual(again, {"type": "OSError", "message": "attempt 0", "$told": True})

    @unittest.skipIf(sys.version_info < (3, 11), "exception groups came with 3.11")
    def test_a_group_that_is_raised_by_its_own_member(self):
        member = ValueError("x")
        group = ExceptionGroup("many", [member])  # noqa: F821
        member.__context__ = group
        described = describe_exception(group)
        self.assertEqual(described["exceptions"][0]["context"], {"$cycle": True})
        self.assertEqual(described["exceptions"][0]["frames"], [])


if __name__ == "__main__":
    unittest.main()
