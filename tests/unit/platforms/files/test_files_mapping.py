"""Mappings are data, and wrong ones are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecom_agent.errors import BadInput
from platforms.files import load_mapping, mapping_names

WHOLE = """
title: Shop
account: shop
marketplace: shop
time_zone: Europe/Berlin
currency: EUR
columns: {order_id: id, purchased_at: at, quantity: n, unit_price: price, code: code}
"""


def own(folder: Path, text: str) -> str:
    path = folder / "shop.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", mapping_names())
def test_every_mapping_that_ships_can_be_read(name: str) -> None:
    assert load_mapping(name).name == name


def test_a_mapping_of_ones_own(tmp_path: Path) -> None:
    mapping = load_mapping(own(tmp_path, WHOLE))
    assert (mapping.name, mapping.currency, mapping.zone.key) == ("shop", "EUR", "Europe/Berlin")
    assert mapping.digest() != load_mapping(own(tmp_path, WHOLE.replace("EUR", "USD"))).digest()


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(BadInput, match="uci_online_retail"):
        load_mapping("uci_online")


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("currency: EUR", "currency: EURO", "ISO 4217.*'EURO'"),
        ("currency: EUR", "", "either currency or columns.currency"),
        ("order_id: id", "order_id: id, currency: c", "either currency or columns.currency"),
        ("order_id: id, ", "", "columns.order_id"),
        ("Europe/Berlin", "Europe/Bonn", "Europe/Bonn"),
        ("title: Shop", "title: Shop\nproduct_code: '('", "no pattern"),
        ("title: Shop", "title: Shop\ncolour: red", "colour"),
        ("title: Shop", "title: [", "YAML"),
        (WHOLE, "just words", "keys and values"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        load_mapping(own(tmp_path, WHOLE.replace(was, becomes)))


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="readable mapping"):
        load_mapping(str(tmp_path / "none.yaml"))
