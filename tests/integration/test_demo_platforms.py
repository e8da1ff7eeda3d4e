"""Where the demo sells: everywhere, or where it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecom_agent.errors import BadInput
from ecom_agent.wiring import demo_platforms, demo_values


def test_all_are_five_and_names_come_in_the_demo_s_order() -> None:
    assert demo_platforms("all") == ("amazon", "shopify", "ebay", "walmart", "tiktok_shop")
    assert demo_platforms("ebay, amazon") == ("amazon", "ebay")
    assert demo_platforms("amazon_ads,amazon") == ("amazon", "amazon_ads")


@pytest.mark.parametrize("text", ["", "etsy", "amazon,etsy", "Amazon"])
def test_a_platform_that_is_not_there_is_told(text: str) -> None:
    with pytest.raises(BadInput, match="tiktok_shop"):
        demo_platforms(text)


def test_each_platform_is_an_account_of_its_own() -> None:
    values = demo_values("http://127.0.0.1:9", "postgresql://x", Path("/x"), demo_platforms("all"))
    accounts = dict(part.split(":") for part in values["ECOM_ACCOUNTS"].split(","))
    assert sorted(accounts.values()) == ["amazon", "ebay", "shopify", "tiktok_shop", "walmart"]
    assert all(any(name.startswith(f"ECOM_{account.upper()}__") for name in values) for account in accounts)
