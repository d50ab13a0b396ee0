"""The payment service: asks the bank and writes the ledger. The number of a card decides what the bank says."""

from __future__ import annotations

import logging
import sqlite3
import time

from . import service, shoplog
from .catalogue import Card, slowness

log = logging.getLogger("shop.payments")


class CardDeclined(service.Refused):
    status = 402


class BankUnavailable(service.Refused):
    status = 503


def charge(body: dict) -> dict:
    card, amount = body["card"], body["amount"]
    with shoplog.to("ask the bank about card …%s", card[-4:], card=card[-4:]):
        approval = ask_bank(card, amount, body["order"], body["attempt"])
        log.info("bank approves %.2f EUR", amount, extra={"approval": approval})
    write_ledger("charge", body["order"], amount, locked=card == Card.LEDGER_LOCKED)
    return {"approval": approval}


def refund(body: dict) -> dict:
    write_ledger("refund", body["order"], -body["amount"], locked=False)
    return {}


def ask_bank(card: str, amount: float, order: int, attempt: int) -> str:
    if card == Card.DECLINED:
        raise CardDeclined(f"insufficient funds for {amount:.2f} EUR")
    if card == Card.BANK_DOWN or (card == Card.BANK_FLAKY and attempt == 1):
        raise BankUnavailable("the bank closed the connection")
    if card == Card.SLOW:
        time.sleep(slowness(order))
    if card == Card.HANGS:
        # A bank that answers when nobody waits any more. It waits for the caller to leave and not for
        # a time, so that the order times out on the slowest machine as on the fastest.
        log.debug("the bank has the request")
        if service.caller_has_left(within=service.PATIENCE_SECONDS):
            log.warning("the bank answers after the caller has left")
    return f"ok-{order:04d}-{attempt}"


def write_ledger(kind: str, order: int, amount: float, locked: bool) -> None:
    with shoplog.to("write the %s into the ledger", kind):
        if locked:
            raise sqlite3.OperationalError("database is locked")
        log.debug("%s of order %s: %.2f EUR", kind, order, amount)


routes = {
    "/charges": service.Route("charge {amount} EUR for order {order}", charge),
    "/refunds": service.Route("give back {amount} EUR for order {order}", refund),
}

if __name__ == "__main__":
    service.run("payments", routes)
