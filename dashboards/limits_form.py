"""The limits editor's table: rows to a frame, and the edited frame back to the rows that differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from ecom_agent.records.views import LimitsView

FIXED: Final = {
    "account": "Account",
    "marketplace": "Marketplace",
    "sku": "SKU",
    "currency": "Currency",
    "version": "Version",
}
EDITED: Final = {
    "hard_min": "Minimum",
    "ceiling": "Ceiling",
    "map_price": "MAP",
    "unit_cost": "Unit cost",
    "min_margin": "Minimum margin",
    "margin_percent": "Margin %",
    "roi_percent": "ROI %",
    "foreign_cost": "Cost in other currency",
    "ad_cost": "Ads per unit",
    "return_percent": "Returns %",
    "return_cost": "Cost of a return",
    "fee_class": "Fee class",
    "costs_on": "Costs as of",
}


def as_frame(rows: Sequence[LimitsView]) -> pd.DataFrame:
    """One line per listing; amounts stay text, so that no digit is lost on the way."""
    columns = ["account", "marketplace", "sku", "currency", *EDITED, "version"]
    return pd.DataFrame([[getattr(r, name) for name in columns] for r in rows], columns=columns, dtype=object)


def changed(rows: Sequence[LimitsView], edited: pd.DataFrame) -> list[LimitsView]:
    """The rows a person changed. A blank field means: not set."""
    new = [replace(row, **_amounts(edited.iloc[n])) for n, row in enumerate(rows)]
    return [after for before, after in zip(rows, new, strict=True) if after != before]


def _amounts(line: pd.Series[Any]) -> dict[str, Any]:
    return {name: _text(line[name]) for name in EDITED}


def _text(cell: Any) -> str | None:
    return None if cell is None or pd.isna(cell) or not str(cell).strip() else str(cell).strip()
