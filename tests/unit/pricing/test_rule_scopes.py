"""Which rule a listing has: the narrowest assignment wins, and the answer names what it stands over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_facts import ACCOUNT, MARKET, NOON, SKU

from ecom_agent.errors import BadInput
from ecom_agent.records.rules import RuleAssignment, RuleBook
from pricing.rules.scopes import scope, scopes_of, tag, why

PLACE = (ACCOUNT, MARKET, SKU)
TAGS = frozenset({"winter", "autumn", "brand:acme"})
NARROWEST_FIRST = [
    "sku:amazon_us/ATVPDKIKX0DER/SKU-1", "tag:autumn", "tag:winter", "brand:acme",
    "marketplace:amazon_us/ATVPDKIKX0DER", "default",
]  # fmt: skip


def book(*scopes: str, none: str | None = None) -> RuleBook:
    given_ = {s: RuleAssignment(s, 1, None if s == none else f"rule-of-{s[:3]}", "ann", NOON, "") for s in scopes}
    return RuleBook({}, given_, {PLACE: TAGS})


def test_a_listings_scopes_from_the_narrowest_to_the_widest() -> None:
    assert list(scopes_of(PLACE, TAGS)) == NARROWEST_FIRST


@given(st.sets(st.sampled_from([*NARROWEST_FIRST, "tag:other", "brand:other", "sku:amazon_us/X/SKU-1"])))
def test_the_narrowest_wins_and_the_others_are_named_in_order(scopes: set[str]) -> None:
    found = why(book(*scopes), PLACE)
    mine = [s for s in NARROWEST_FIRST if s in scopes]
    told = ([found.winner.scope] if found.winner else []) + [a.scope for a in found.overridden]
    assert told == mine


def test_a_scope_whose_rule_was_taken_away_lets_the_wider_one_decide() -> None:
    found = why(book("tag:winter", "default", none="tag:winter"), PLACE)
    assert found.winner is not None
    assert (found.winner.scope, found.overridden) == ("default", ())
    assert why(RuleBook(), PLACE).winner is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (" Default ", "default"),
        ("Brand:  ACME  Tools", "brand:acme tools"),
        ("tag:Winter", "tag:winter"),
        ("sku:amazon_us/ATV/A/B", "sku:amazon_us/ATV/A/B"),
        ("marketplace:shop_main/demo.myshopify.com", "marketplace:shop_main/demo.myshopify.com"),
    ],
)
def test_scopes_are_kept_in_one_form(said: str, kept: str) -> None:
    assert scope(said) == kept
    assert scope(kept) == kept


@pytest.mark.parametrize("said", ["", "all", "sku:a/b", "marketplace:a", "tag:", "tag:a,b", "sku:a//c", "brand:\x00"])
def test_what_is_no_scope_is_refused(said: str) -> None:
    with pytest.raises(BadInput):
        scope(said)


def test_tags_are_compared_without_case_and_spaces() -> None:
    assert tag("  Brand:Acme   Tools ") == "brand:acme tools"
