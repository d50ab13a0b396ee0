"""In = out, while the collector is restarted and killed: the short form of ledger.py."""

import unittest

import ledger


class Restarts(unittest.TestCase):
    def test_nothing_is_lost_when_the_collector_restarts(self):
        # The first restart is by SIGTERM, the second by SIGKILL.
        for handler in ("zmq", "ndjson"):
            with self.subTest(handler=handler):
                found = ledger.run(processes=4, records=2000, restarts=2, kill=True, handler=handler)
                self.assertTrue(ledger.balances(found), found)


if __name__ == "__main__":
    unittest.main()
