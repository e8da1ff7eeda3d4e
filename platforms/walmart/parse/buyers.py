"""Who the buyer is, taken out of a payload before it is kept: records need nothing of it but the country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_PERSONAL: Final = frozenset(
    {
        "customerEmailId", "customerName", "phone", "pickupPersons", "returnDescription",
        "Ship to Zipcode", "Ship to City",
    }
)  # fmt: skip
_ADDRESS: Final = "postalAddress"
_KEPT: Final = "country"


def without_buyer(body: Any) -> Any:
    """The same payload without names, addresses, mail, phone numbers and the buyer's words. Of an address the
    country stays."""
    if isinstance(body, Mapping):
        return {
            name: _country(value) if name == _ADDRESS else without_buyer(value)
            for name, value in body.items()
            if name not in _PERSONAL
        }
    return [without_buyer(entry) for entry in body] if isinstance(body, list) else body


def _country(address: Any) -> Any:
    return {_KEPT: address.get(_KEPT)} if isinstance(address, Mapping) else None
