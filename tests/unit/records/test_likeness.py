"""Suggestions: GTIN before SKU before title, each with its reason; what is unsure is marked, and nothing is bound."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import ATV, T0, US, a_listing

from ecom_agent.ids import AccountId, Sku
from ecom_agent.records.barcodes import check_digit
from ecom_agent.records.bindings import Binding
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.likeness import BY_GTIN, BY_SKU, MOST, place_of, suggest

SHOP, EBAY = AccountId("shop"), AccountId("ebay_us")
PEN = "0400638133393" + check_digit("0400638133393")
CUP = "0003600029145" + check_digit("0003600029145")


def listing(
    sku: str, account: AccountId = US, *, gtin: str | None = None, title: str = "", brand: str | None = None
) -> Listing:
    return replace(a_listing(sku, account=account, title=title or f"Item {sku}"), gtin=gtin, brand=brand)


def bound(one: Listing, our: str, said: bool = True) -> Binding:
    return Binding(one.account, ATV, one.sku, Sku(our), said, "by hand", "anna", T0)


def told(listings: list[Listing], *said: Binding) -> list[tuple[str, str, str, float, bool]]:
    return [(x.account, x.sku, x.our_sku, x.score, x.ambiguous) for x in suggest(listings, said)]


def test_an_equal_gtin_names_one_product_for_all_who_have_it() -> None:
    mug, cup, other = listing("MUG", gtin=PEN), listing("CUP-9", SHOP, gtin=PEN), listing("X", EBAY, gtin=CUP)
    assert told([mug, cup, other]) == [(US, "MUG", "CUP-9", BY_GTIN, False), (SHOP, "CUP-9", "CUP-9", BY_GTIN, False)]
    assert told([mug, cup], bound(mug, "OURS")) == [(SHOP, "CUP-9", "OURS", 1.0, False)]


def test_an_equal_seller_sku_comes_next_and_case_does_not_count() -> None:
    (one, two) = told([listing("mug-1"), listing("MUG-1", SHOP)])
    assert (one[2], one[3], one[4]) == (two[2], BY_SKU, False) == ("MUG-1", BY_SKU, False)


def test_what_says_two_things_is_ambiguous() -> None:
    pen, cup = listing("PEN", gtin=PEN), listing("CUP", SHOP)
    new = listing("CUP", EBAY, gtin=PEN)
    found = told([pen, cup, new], bound(pen, "PEN"), bound(cup, "CUP"))
    assert found == [(EBAY, "CUP", "PEN", BY_GTIN, True), (EBAY, "CUP", "CUP", BY_SKU, True)]


def test_one_gtin_of_two_products_is_ambiguous() -> None:
    one, two = listing("A", gtin=PEN), listing("B", SHOP, gtin=PEN)
    found = told([one, two, listing("C", EBAY, gtin=PEN)], bound(one, "A"), bound(two, "B"))
    assert [(x[2], x[4]) for x in found] == [("A", True), ("B", True)]


def test_titles_alike_unless_a_gtin_or_a_brand_speaks_against_it() -> None:
    long = "Stoneware mug, 350 ml, dishwasher safe, blue"
    ours = listing("MUG", title=long, brand="Acme", gtin=PEN)
    said = bound(ours, "MUG")
    same = listing("M-77", SHOP, title="Stoneware Mug 350 ml dishwasher safe (blue)")
    foreign, apart = replace(same, brand="Zeta"), replace(same, gtin=CUP)
    (found,) = suggest([ours, same], [said])
    assert (found.our_sku, found.ambiguous) == ("MUG", False)
    assert "alike" in found.reason
    assert 0.6 < found.score <= 0.8
    assert suggest([ours, foreign], [said])[0].score < found.score
    assert suggest([ours, apart], [said]) == []


def test_a_listing_like_no_other_gets_no_suggestion() -> None:
    assert suggest([listing("MUG", gtin=PEN, title="Mug"), listing("POT", SHOP, title="Kettle")], []) == []


def test_what_was_rejected_is_not_suggested_again_and_what_is_gone_not_at_all() -> None:
    mug, cup = listing("MUG", gtin=PEN), listing("CUP", SHOP, gtin=PEN)
    assert told([mug, cup], bound(mug, "MUG"), bound(cup, "MUG", said=False)) == []
    assert suggest([mug, replace(cup, status=ListingStatus.DELETED)], []) == []


LISTINGS = st.lists(
    st.builds(
        listing,
        st.sampled_from(["A", "B", "a", "C-1"]),
        st.sampled_from([US, SHOP, EBAY]),
        gtin=st.sampled_from([None, PEN, CUP]),
        title=st.sampled_from(["Blue mug 350 ml", "Blue mug, 350ml", "Kettle", "Blue mug 250 ml"]),
        brand=st.sampled_from([None, "Acme", "Zeta"]),
    ),
    unique_by=place_of,
    max_size=7,
)


@settings(max_examples=60, deadline=None)
@given(LISTINGS, st.data())
def test_properties(listings: list[Listing], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(listings), unique=True)) if listings else []
    said = [bound(x, data.draw(st.sampled_from(["A", "P"])), data.draw(st.booleans())) for x in chosen]
    found = suggest(listings, said)
    assert found == suggest(data.draw(st.permutations(listings)), reversed(said))
    taken = {x.place for x in said if x.bound}
    refused = {(x.place, x.our_sku) for x in said if not x.bound}
    names = {x.sku for x in listings} | {x.our_sku for x in said if x.bound}
    for place in {x.place for x in found}:
        mine = [x for x in found if x.place == place]
        assert place not in taken
        assert len(mine) <= MOST
        assert len({x.our_sku for x in mine}) == len(mine)
        assert [x.score for x in mine] == sorted((x.score for x in mine), reverse=True)
        assert sum(not x.ambiguous for x in mine) <= 1
        assert all(0 < x.score <= 1 and x.reason and x.our_sku in names for x in mine)
        assert not {(place, x.our_sku) for x in mine} & refused
