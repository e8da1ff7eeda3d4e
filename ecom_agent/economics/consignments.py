"""A consignment as a person typed it, read strictly: what is wrong is told with its row and the way out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from ecom_agent.economics.landed_cost import DUTY_PAID, FREIGHT_PAID, TERMS, Shipment
from ecom_agent.errors import BadInput, ParseFailed
from ecom_agent.money import EXPONENTS, Money

COLUMNS: Final = (
    "term", "units", "currency", "goods", "freight", "insurance", "duty_percent", "import_tax_percent",
    "tax_recoverable",
)  # fmt: skip
_YES_NO: Final = {"yes": True, "no": False}


def read(line: Mapping[str, str | None], where: str) -> Shipment:
    """All amounts are of the whole consignment. What the term leaves to us must be told, 0 where it costs nothing; what
    is in the supplier's price may be left empty, and so may an insurance that there is none of.

    Raises BadInput naming row and field.
    """
    told = {name: (line.get(name) or "").strip() for name in COLUMNS}
    term, currency = told["term"].upper(), told["currency"].upper()
    if term not in TERMS:
        raise _wrong("term", where, f"one of {', '.join(sorted(TERMS))}", told["term"])
    if currency not in EXPONENTS:
        raise _wrong("currency", where, "a known currency", told["currency"])
    if not (told["units"].isascii() and told["units"].isdigit() and int(told["units"]) > 0):
        raise _wrong("units", where, "a whole number above 0", told["units"])

    def amount(name: str, *, may_be_empty: bool) -> Money:
        if not told[name] and may_be_empty:
            return Money(0, currency)
        try:
            read = Money.of(told[name], currency)
        except ParseFailed as e:
            raise _wrong(name, where, f"an amount in {currency}", told[name]) from e
        if read.minor < 0:
            raise _wrong(name, where, "an amount of 0 or more", told[name])
        return read

    def share(name: str) -> Decimal:
        if not told[name] and term in DUTY_PAID:
            return Decimal(0)
        try:
            percent = Decimal(told[name].removesuffix("%"))
        except InvalidOperation:
            percent = Decimal("NaN")
        if not percent.is_finite() or not 0 <= percent <= 1_000:
            raise _wrong(name, where, "a number from 0 to 1000", told[name])
        return percent / 100

    import_tax = share("import_tax_percent")
    if import_tax and told["tax_recoverable"].lower() not in _YES_NO:
        raise _wrong("tax_recoverable", where, "yes or no", told["tax_recoverable"])
    return Shipment(
        term=term,
        units=int(told["units"]),
        goods=amount("goods", may_be_empty=False),
        freight=amount("freight", may_be_empty=term in FREIGHT_PAID),
        insurance=amount("insurance", may_be_empty=True),
        duty=share("duty_percent"),
        import_tax=import_tax,
        tax_recoverable=_YES_NO.get(told["tax_recoverable"].lower(), False),
    )


def _wrong(name: str, where: str, wanted: str, found: str) -> BadInput:
    return BadInput(f"{name} as {wanted} in {where}", repr(found), "correct the line")
