"""Marketplace ids and the host each belongs to, from python-amazon-sp-api's table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecom_agent.errors import ConfigError


def live_host(marketplaces: Sequence[str]) -> str:
    """The live base URL of these marketplaces. Raises ConfigError for an unknown one, or for two regions at once."""
    table = _table()
    by_id = {m.marketplace_id: m for m in table}
    for wanted in marketplaces:
        if wanted not in by_id:
            known = ", ".join(f"{m.name} {m.marketplace_id}" for m in table)
            raise ConfigError(f"MARKETPLACES: no Amazon marketplace has the id {wanted!r}; known are: {known}")
    regions = {_region(by_id[wanted].endpoint) for wanted in marketplaces}
    if len(regions) > 1:
        raise ConfigError(
            f"MARKETPLACES: {', '.join(marketplaces)} lie in {len(regions)} regions ({', '.join(sorted(regions))}); "
            "a refresh token is valid in one: make an account for each region"
        )
    return f"https://sellingpartnerapi-{regions.pop().lower()}.amazon.com"


def _table() -> Any:
    """Loaded late: the package reads AWS_ENV while it is imported and refuses any word but its own two."""
    try:
        from sp_api.base.marketplaces import Marketplaces
    except ValueError as error:
        raise ConfigError(f"AWS_ENV in the environment: {error}; unset it or set it to PRODUCTION") from None
    return Marketplaces


def _region(endpoint: str) -> str:
    """NA, EU or FE, from "https://sellingpartnerapi-na.amazon.com" (or its sandbox twin)."""
    return endpoint.removesuffix(".amazon.com").rsplit("-", 1)[-1].upper()
