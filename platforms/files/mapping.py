"""What the columns of an order file mean: data, in mappings/*.yaml or a file of the seller's own."""

from __future__ import annotations

import hashlib
import re
from importlib import resources
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from ecom_agent.errors import BadInput
from ecom_agent.money import EXPONENTS
from ecom_agent.records.orders import OrderStatus

_FOLDER = resources.files("platforms.files") / "mappings"


class Columns(BaseModel):
    """Names of the file's columns by our word. What is not named here is not read: buyers' data stays outside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order_id: str
    purchased_at: str
    quantity: str
    unit_price: str
    code: str
    title: str | None = None
    country: str | None = None
    currency: str | None = None
    status: str | None = None

    def wanted(self) -> list[str]:
        """The file's names of all columns that are read, each once."""
        return list(dict.fromkeys(v for v in self.model_dump().values() if v is not None))


class OrderMapping(BaseModel):
    """How to read one kind of order file. Rows of one order share `columns.order_id`; one row is one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    account: str
    marketplace: str
    columns: Columns
    time_zone: str
    """Zone of times without an offset. Of an hour that a clock change repeats, the first is meant."""
    time_format: str | None = None
    """As for strptime; None = ISO 8601."""
    currency: str | None = None
    """Currency of the whole file, where no column says it."""
    cancelled_prefix: str | None = None
    """An order id that starts so is a cancellation: its lines carry the goods back."""
    product_code: str | None = None
    """Codes that match (from their start) are SKUs; others (postage, fees, vouchers) are kept as external id only."""
    status: OrderStatus = OrderStatus.SHIPPED
    status_words: dict[str, OrderStatus] = {}
    """The words of `columns.status`; a word that is not here becomes "unmapped", never dropped."""
    delimiter: str = ","
    decimal_mark: str = "."
    encoding: str = "utf-8-sig"
    sheet: str | None = None
    """Sheet of a workbook; None = its first."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"wanted a zone such as Europe/London; found {zone!r}")
        return zone

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, currency: str | None) -> str | None:
        if currency is not None and currency not in EXPONENTS:
            raise ValueError(f"wanted an ISO 4217 code such as GBP; found {currency!r}")
        return currency

    @field_validator("product_code")
    @classmethod
    def _pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no pattern: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if (self.currency is None) == (self.columns.currency is None):
            raise ValueError("name either currency or columns.currency, and only one of them")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def digest(self) -> str:
        """Changes when anything in the mapping does."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def mapping_names() -> list[str]:
    """Names of the mappings that come with the project."""
    return sorted(f.name.removesuffix(".yaml") for f in _FOLDER.iterdir() if f.name.endswith(".yaml"))


def load_mapping(name: str) -> OrderMapping:
    """A mapping by its name, or the seller's own by the path of its .yaml file.

    Raises BadInput listing the known names, or the place in the mapping that is wrong.
    """
    if name in mapping_names():
        return _read(name, (_FOLDER / f"{name}.yaml").read_text("utf-8"))
    own = Path(name)
    if own.suffix in (".yaml", ".yml"):
        try:
            return _read(own.stem, own.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput("a readable mapping file", f"{name} ({error})", "check the path") from None
    raise BadInput(
        f"a mapping: {', '.join(mapping_names())}, or the path of a .yaml file",
        repr(name),
        "pick one or write your own",
    )


def _read(name: str, text: str) -> OrderMapping:
    fix = "see platforms/files/README.md for what a mapping holds"
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"YAML in mapping {name}", str(error), fix) from None
    try:
        return OrderMapping.model_validate({**raw, "name": name})
    except TypeError:
        raise BadInput(f"keys and values in mapping {name}", type(raw).__name__, fix) from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'mapping'}: {e['msg']}" for e in error.errors())
        raise BadInput(f"a whole mapping in {name}", wrong, fix) from None
