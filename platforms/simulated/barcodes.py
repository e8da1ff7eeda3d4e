"""The barcode of each product: the same on every channel that sells it. Made up, and valid."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Final

from ecom_agent.records.barcodes import check_digit

_SYSTEM: Final = "8"
"""A UPC's first digit that is neither for a shop's own numbers nor for coupons."""


@cache
def upc(sku: str) -> str:
    """Twelve digits."""
    payload = f"{_SYSTEM}{zlib.crc32(sku.encode()) % 10**10:010d}"
    return payload + check_digit(payload)
