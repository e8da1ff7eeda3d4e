"""`ecom init --check` says of each setting whether it will do, without calling anybody or showing a secret."""

from __future__ import annotations

import pytest

from ecom_agent.wiring.running import check_settings

AMAZON = {
    "ECOM_ACCOUNTS": "am:amazon",
    "ECOM_AM__REFRESH_TOKEN": "Atzr|hunter2",
    "ECOM_AM__CLIENT_ID": "client",
    "ECOM_AM__CLIENT_SECRET": "hunter2",
    "ECOM_AM__SELLER_ID": "A1SELLER",
    "ECOM_AM__MARKETPLACES": "ATVPDKIKX0DER",
}


def told(values: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {name: (status, fix) for name, status, fix in check_settings(values)}


def test_a_whole_account_is_ok() -> None:
    assert told(AMAZON)["account am"] == ("ok", "Amazon Selling Partner API")


def test_no_account_is_missing() -> None:
    assert told({})["ECOM_ACCOUNTS"][0] == "missing"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"ECOM_AM__REFRESH_TOKEN": ""}, "ECOM_AM__REFRESH_TOKEN"),
        ({"ECOM_AM__MARKETPLACES": "NOPE"}, "'NOPE'"),
        ({"ECOM_ACCOUNTS": "am:amazonia"}, "'amazonia'"),
        ({"ECOM_AM__COLOUR": "red"}, "ECOM_AM__COLOUR"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_shown(change: dict[str, str], named: str) -> None:
    status, fix = told({**AMAZON, **change})["account am"]
    assert status == "wrong"
    assert named in fix
    assert "hunter2" not in fix


def test_one_wrong_account_leaves_the_other_ok() -> None:
    both = {**AMAZON, "ECOM_ACCOUNTS": "am:amazon,shop:shopify", "ECOM_SHOP__SHOP": "demo.myshopify.com"}
    answers = told(both)
    assert answers["account am"][0] == "ok"
    assert answers["account shop"][0] == "wrong"
    assert "ECOM_SHOP__ACCESS_TOKEN" in answers["account shop"][1]


def test_a_wrong_mode_is_told_first() -> None:
    assert told({**AMAZON, "ECOM_MODE": "yolo"})["settings"][0] == "wrong"
