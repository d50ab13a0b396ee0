"""What the shop sells, and the cards it knows: all that decides how an order ends is data in here."""

from __future__ import annotations

from typing import NamedTuple

# What an ordinary fragile thing costs to wrap.
FRAGILE_SECONDS = 0.005
SLOW_SHELF = "W9"


class Item(NamedTuple):
    price: float
    kilos: float
    size: str
    shelf: str
    stock: int
    fragile: bool = False


CATALOGUE = {
    "notebook": Item(6.5, 0.3, "small", "A1", 800),
    "fountain pen": Item(38.0, 0.1, "small", "A2", 210),
    "teapot": Item(24.9, 0.9, "medium", "B4", 64, fragile=True),
    "desk lamp": Item(49.0, 1.6, "large", "C1", 35),
    "atlas": Item(59.0, 2.8, "medium", SLOW_SHELF, 12),
    "record player": Item(189.0, 6.2, "large", "C7", 0),
    "garden gnome": Item(29.0, 4.4, "huge", "D2", 5),
}


class Card:
    """Test card numbers, each with a bank of its own temper."""

    GOOD = "4242424242424242"
    DECLINED = "4000000000009995"
    BANK_FLAKY = "4000000000000341"
    BANK_DOWN = "4000000000000119"
    LEDGER_LOCKED = "4000000000009979"
    SLOW = "4000000000003220"
    HANGS = "4000000000006975"


def slowness(order: int) -> float:
    """Seconds that the slow thing about an order takes: 0.20 to 0.50, by its number."""
    return 0.2 + order * 7 % 31 / 100
