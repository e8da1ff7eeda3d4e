"""Products and the SKUs in them, taken apart: what cannot be read is set aside SKU by SKU."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def of_products(found: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """`product` (without its SKUs) and `sku`, for each; a product whose SKUs are no list comes alone, as None."""
    for product in found:
        skus = product.get("skus") if isinstance(product, dict) else None
        if not isinstance(skus, list):
            yield {"product": product, "sku": None}
            continue
        bare = {name: value for name, value in product.items() if name != "skus"}
        yield from ({"product": bare, "sku": sku} for sku in skus)
