"""What the columns of a file mean, said as data: what all kinds of files share, and orders."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from ecom_agent.money import EXPONENTS
from ecom_agent.records.orders import OrderStatus


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError(f"wanted a zone such as Europe/London; found {zone!r}")
    return zone


def _known_currency(currency: str) -> str:
    if currency not in EXPONENTS:
        raise ValueError(f"wanted an ISO 4217 code such as GBP; found {currency!r}")
    return currency


def _readable_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no pattern: {error}") from None
    return pattern


Zone = Annotated[str, AfterValidator(_known_zone)]
Currency = Annotated[str, AfterValidator(_known_currency)]
Pattern = Annotated[str, AfterValidator(_readable_pattern)]


class ColumnNames(BaseModel):
    """Names of the file's columns by our word. What is not named here is not read: buyers' data stays outside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def named(self) -> dict[str, tuple[str, ...]]:
        """Our words that the file has, each with its column; an id may be made of several."""
        given = {word: name for word, name in self.model_dump().items() if name is not None}
        return {word: (name,) if isinstance(name, str) else tuple(name) for word, name in given.items()}

    def wanted(self) -> list[str]:
        """The file's names of all columns that are read, each once."""
        return list(dict.fromkeys(name for names in self.named().values() for name in names))


class FileMapping(BaseModel):
    """How to read one kind of file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]

    name: str
    title: str
    account: str
    marketplace: str
    columns: ColumnNames
    time_zone: Zone | None = None
    """Zone of times without an offset. Of an hour that a clock change repeats, the first is meant."""
    time_format: str | None = None
    """As for strptime; None = ISO 8601."""
    delimiter: str = ","
    decimal_mark: str = "."
    encoding: str = "utf-8-sig"
    sheet: str | None = None
    """Sheet of a workbook; None = its first."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone or "UTC")

    def digest(self) -> str:
        """Changes when anything in the mapping does."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Columns(ColumnNames):
    order_id: str
    purchased_at: str
    quantity: str
    unit_price: str
    code: str
    title: str | None = None
    country: str | None = None
    currency: str | None = None
    status: str | None = None


class OrderMapping(FileMapping):
    """Rows of one order share `columns.order_id`; one row is one line."""

    kind: ClassVar[str] = "orders"

    columns: Columns
    time_zone: Zone
    currency: Currency | None = None
    """Currency of the whole file, where no column says it."""
    cancelled_prefix: str | None = None
    """An order id that starts so is a cancellation: its lines carry the goods back."""
    product_code: Pattern | None = None
    """Codes that match (from their start) are SKUs; others (postage, fees, vouchers) are kept as external id only."""
    status: OrderStatus = OrderStatus.SHIPPED
    status_words: dict[str, OrderStatus] = {}
    """The words of `columns.status`; a word that is not here becomes "unmapped", never dropped."""

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if (self.currency is None) == (self.columns.currency is None):
            raise ValueError("name either currency or columns.currency, and only one of them")
        return self
