"""Records as pickles."""

import logging
import pickle
import unittest
import uuid

from distlog import PickleFormatter, task

from support import Records, logged

log = logging.getLogger("tests.pickles")


class Pickles(unittest.TestCase):
    def test_what_is_pickled_is_what_was_logged(self):
        with logged(handler=Records(PickleFormatter())) as out:
            with task("x", when=uuid.UUID(int=1)):
                log.info("n %d", 1, extra={"odd": {1, 2}})
        start, record, end = map(pickle.loads, out.lines)
        self.assertEqual((record["odd"], record["message"]), ({1, 2}, "n 1"))
        self.assertIs(type(record["context"]), dict)
        self.assertEqual(record["context"]["when"], uuid.UUID(int=1))
        self.assertEqual(end["dl"]["status"], "succeeded")
        self.assertEqual({line[:2] for line in out.lines}, {b"\x80\x02"})

    def test_what_cannot_be_pickled_becomes_plain(self):
        with logged(handler=Records(PickleFormatter())) as out:
            log.info("x", extra={"odd": lambda: 1, "fine": {3}})
        (record,) = map(pickle.loads, out.lines)
        self.assertIn("$global", record["odd"])
        self.assertEqual(record["fine"], {3})


if __name__ == "__main__":
    unittest.main()
