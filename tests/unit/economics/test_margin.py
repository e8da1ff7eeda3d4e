"""The floor is exact: one minor unit lower, and a sale would lose money or break the seller's own limits."""

from actions_kit import fees, limits, usd
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.economics.fees import referral_share
from ecom_agent.economics.margin import break_even, contribution, floor
from ecom_agent.money import Money

CENTS = st.integers(0, 500_000)


@st.composite
def quotes(draw):
    at = draw(st.integers(1, 1_000_000))
    return fees(
        at_price=Money(at, "USD"),
        referral=Money(draw(st.integers(0, at - 1)), "USD"),
        fulfilment=Money(draw(CENTS), "USD"),
    )


@settings(max_examples=200)
@given(cost=CENTS, quote=st.none() | quotes(), margin=CENTS)
def test_break_even_is_the_lowest_price_that_leaves_the_margin(cost, quote, margin):
    price = break_even(Money(cost, "USD"), quote, Money(margin, "USD"))
    assert contribution(price, Money(cost, "USD"), quote) >= margin
    assert contribution(price - Money(1, "USD"), Money(cost, "USD"), quote) < margin


@settings(max_examples=200)
@given(hard=st.integers(1, 500_000), map_=st.none() | CENTS, cost=st.none() | CENTS, quote=st.none() | quotes())
def test_the_floor_is_never_below_any_of_its_parts(hard, map_, cost, quote):
    found = floor(
        limits(
            hard_min=Money(hard, "USD"),
            map_price=None if map_ is None else Money(map_, "USD"),
            unit_cost=None if cost is None else Money(cost, "USD"),
            ceiling=None,
        ),
        quote,
    )
    assert found.price is not None
    assert found.price == max(amount for _, amount in found.parts)
    assert found.reason in dict(found.parts)


def test_an_ordinary_floor_names_what_made_it():
    found = floor(limits(), fees())
    assert (found.price, found.reason) == (usd("12.03"), "break-even + margin")  # (6 + 1 + 3.22) / 0.85, rounded up
    assert floor(limits(hard_min=usd("15.00")), fees()).reason == "hard minimum"
    assert floor(limits(map_price=usd("18.00")), fees()).price == usd("18.00")


def test_without_a_usable_minimum_there_is_no_floor_at_all():
    for broken, word in (
        (limits(hard_min=None), "no minimum set"),
        (limits(hard_min=usd("0.00")), "not above zero"),
        (limits(hard_min=Money.of("10.00", "EUR")), "EUR"),
        (limits(unit_cost=Money(-1, "USD")), "negative"),
        (limits(ceiling=usd("11.00")), "above the ceiling"),
    ):
        found = floor(broken, fees())
        assert found.price is None
        assert word in found.reason


def test_a_senseless_or_foreign_fee_quote_gives_no_floor():
    assert "makes no sense" in floor(limits(), fees(referral=usd("20.00"))).reason
    assert "EUR" in floor(limits(), fees(fulfilment=Money.of("3.00", "EUR"), at_price=Money.of("20", "EUR"))).reason
    assert referral_share(fees(at_price=usd("0.00"))) is None


def test_what_is_not_known_is_left_out_not_guessed():
    assert floor(limits(unit_cost=None), None).price == usd("10.00")
    assert floor(limits(), None).parts[-1] == ("cost + margin, no fees known", usd("7.00"))
    assert floor(limits(min_margin=None), fees()).price == usd("10.85")


def test_currencies_without_cents_round_up_too():
    yen = {"currency": "JPY", "hard_min": Money(100, "JPY"), "ceiling": None, "min_margin": None}
    quote = fees(at_price=Money(1000, "JPY"), referral=Money(100, "JPY"), fulfilment=Money(0, "JPY"))
    assert floor(limits(**yen, unit_cost=Money(1000, "JPY")), quote).price == Money(1112, "JPY")
