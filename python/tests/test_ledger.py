"""In = out, while the collector is restarted and killed: the short form of ledger.py."""

import unittest

import ledger


class Restarts(unittest.TestCase):
    def test_nothing_is_lost_when_the_collector_restarts(self):
        for handler, kill in (("zmq", False), ("zmq", True), ("ndjson", True)):
            with self.subTest(handler=handler, kill=kill):
                found = ledger.run(processes=4, records=2000, restarts=2, kill=kill, handler=handler)
                self.assertTrue(ledger.balances(found), found)


if __name__ == "__main__":
    unittest.main()
