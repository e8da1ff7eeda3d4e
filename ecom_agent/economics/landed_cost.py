"""What a unit costs us by the time it can be sold: goods, freight, duty, import tax. Pure, exact.

By Incoterm: under DDP the supplier pays duty and import tax, they are in its price; under DAP, FCA, FOB, EXW we do.
Freight to us is in the supplier's price under DDP and DAP (and CIF to the port), else it is ours to pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Final

from ecom_agent.money import Money

FREIGHT_PAID: Final = frozenset({"DDP", "DAP", "CIF"})
DUTY_PAID: Final = frozenset({"DDP"})
TERMS: Final = frozenset({"EXW", "FCA", "FOB", "CIF", "DAP", "DDP"})


@dataclass(frozen=True, slots=True)
class Shipment:
    """One consignment of `units` alike, all amounts of the whole of it, in one currency.

    `freight` is left out where the term has it in the price of the goods. `duty` and `import_tax` are shares;
    `tax_recoverable` = the import tax comes back (VAT of a registered business).
    """

    term: str
    units: int
    goods: Money
    freight: Money
    insurance: Money
    duty: Decimal
    import_tax: Decimal
    tax_recoverable: bool


def landed_cost(shipment: Shipment) -> Money:
    """Per unit, rounded up. Customs value = goods + freight + insurance (CIF basis); tax is on value + duty.

    Raises ValueError for an unknown term, no units, a negative amount or share; ParseFailed for two currencies.
    """
    s = shipment
    if s.term not in TERMS or s.units <= 0:
        raise ValueError(f"wanted one of {', '.join(sorted(TERMS))} and units above 0; found {s.term}, {s.units}")
    if min(s.goods.minor, s.freight.minor, s.insurance.minor) < 0 or s.duty < 0 or s.import_tax < 0:
        raise ValueError("wanted no negative amount or share")
    value = s.goods + s.insurance + (Money(0, s.goods.currency) if s.term in FREIGHT_PAID else s.freight)
    duty = Fraction(s.duty) * value.minor
    tax = Fraction(s.import_tax) * (value.minor + duty)
    border = Fraction(0) if s.term in DUTY_PAID else duty + (Fraction(0) if s.tax_recoverable else tax)
    return Money(ceil((value.minor + border) / s.units), value.currency)
