"""Who orders what: a plan of visits that depends on the seed alone, with the end each should come to."""

from __future__ import annotations

import random
from typing import NamedTuple

from .catalogue import Card

CUSTOMERS = ("ada", "grace", "edsger", "barbara", "leslie", "frances", "donald", "radia")
USUAL_ITEMS = ("notebook", "fountain pen", "desk lamp", "teapot")


class Kind(NamedTuple):
    """A way an order can go: how often, the HTTP status at its end, and what is odd about the cart."""

    name: str
    weight: int
    status: int
    cart: dict


KINDS = (
    Kind("as usual", 62, 201, {}),
    Kind("slow bank", 5, 201, {"card": Card.SLOW}),
    Kind("slow warehouse", 4, 201, {"items": ["notebook", "atlas"]}),
    Kind("slow packing", 4, 201, {"items": ["teapot", "desk lamp", "teapot"]}),
    Kind("bank flaky, charged by retry", 6, 201, {"card": Card.BANK_FLAKY}),
    Kind("receipt bounced afterwards", 4, 201, {"mail": "nobody@shop.invalid"}),
    Kind("card declined", 4, 402, {"card": Card.DECLINED}),
    Kind("out of stock", 3, 409, {"items": ["fountain pen", "record player"]}),
    Kind("bug in worker", 3, 500, {"items": ["notebook", "garden gnome"]}),
    Kind("payment timeout", 2, 504, {"card": Card.HANGS, "express": True}),
    Kind("bank down", 2, 503, {"card": Card.BANK_DOWN}),
    Kind("ledger locked", 1, 500, {"card": Card.LEDGER_LOCKED}),
)


class Visit(NamedTuple):
    kind: Kind
    cart: dict


def plan(requests: int, seed: int) -> list[Visit]:
    """The visits, in order; from as many as there are kinds on, each kind comes at least once."""
    chance = random.Random(seed)
    kinds = list(KINDS[:requests])
    kinds += chance.choices(KINDS, [kind.weight for kind in KINDS], k=requests - len(kinds))
    chance.shuffle(kinds)
    return [Visit(kind, _cart(order, kind, chance)) for order, kind in enumerate(kinds, 1)]


def _cart(order: int, kind: Kind, chance: random.Random) -> dict:
    customer = chance.choice(CUSTOMERS)
    usual = {
        "order": order,
        "customer": customer,
        "mail": f"{customer}@shop.example",
        "items": [chance.choice(USUAL_ITEMS)],
        "card": Card.GOOD,
        "express": False,
    }
    return usual | kind.cart
