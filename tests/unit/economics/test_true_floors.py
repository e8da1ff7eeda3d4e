"""A floor with ads, returns, fees by table and any margin: what it promises holds, a cent lower it does not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from actions_kit import MARKET, T0, fees, limits, usd
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.economics.cost_lines import cost_lines
from ecom_agent.economics.margin import floor
from ecom_agent.economics.unit_costs import UnitCosts, unit_costs
from ecom_agent.money import Money
from ecom_agent.records.costs import CostSheets, FeeRow, FxRate

DAY = timedelta(days=1)
CENTS = st.integers(0, 200_000)
BP = st.integers(0, 3_000)


def a_row(**changes: object) -> FeeRow:
    row = {
        "marketplace": MARKET, "fee_class": "kitchen", "referral": Decimal("0.15"), "least": usd("0.30"),
        "fixed": usd("3.22"), "since": date(2026, 1, 15), "checked": T0.date(), "source": "fee page",
    }  # fmt: skip
    return FeeRow(**{**row, **changes})  # type: ignore[arg-type]


def a_sheet(*rows: FeeRow, rates: tuple[FxRate, ...] = ()) -> CostSheets:
    return CostSheets(rates, rows, timedelta(days=7), timedelta(hours=72))


@st.composite
def some_fees(draw):
    """A quote, or a table's row, and the sheets that go with it."""
    share = Decimal(draw(st.integers(0, 6_000))) / 10_000
    row = a_row(referral=share, least=Money(draw(CENTS), "USD"), fixed=Money(draw(CENTS), "USD"))
    at = draw(st.integers(1, 100_000))
    quote = fees(
        at_price=Money(at, "USD"),
        referral=Money(draw(st.integers(0, at // 2)), "USD"),
        fulfilment=Money(draw(CENTS), "USD"),
    )
    return draw(st.sampled_from([quote, None])), a_sheet(row)


@settings(max_examples=300)
@given(
    cost=CENTS, ads=st.none() | CENTS, back=st.none() | BP, a_return=st.none() | CENTS, margin=st.none() | CENTS,
    share=st.none() | BP, roi=st.none() | BP, told=some_fees(),
)  # fmt: skip
def test_at_the_floor_every_margin_is_left_and_a_cent_lower_one_is_not(
    cost, ads, back, a_return, margin, share, roi, told
):
    quote, sheets = told
    asked = limits(
        hard_min=Money(1, "USD"), ceiling=None, unit_cost=Money(cost, "USD"), fee_class="kitchen", return_bp=back,
        ad_cost=None if ads is None else Money(ads, "USD"), margin_bp=share, roi_bp=roi,
        return_cost=None if a_return is None else Money(a_return, "USD"),
        min_margin=None if margin is None else Money(margin, "USD"),
    )  # fmt: skip
    found = floor(asked, quote, sheets, T0)
    costs = unit_costs(asked, quote, sheets, T0)
    assert isinstance(costs, UnitCosts)
    assert found.price is not None

    def holds(minor: int) -> bool:
        left = costs.left(minor)
        wanted = [Fraction(margin or 0), Fraction((share or 0) * minor, 10_000), Fraction((roi or 0) * cost, 10_000)]
        return minor > 0 and all(left >= each for each in wanted)

    assert holds(found.price.minor)
    assert not holds(found.price.minor - 1)
    lines = {line.name: line.amount for line in cost_lines(found, asked, quote, sheets, T0)}
    assert (lines["ads"] is None) == (ads is None)
    assert (lines["returns"] is None) == (back is None or a_return is None)


@given(cost=CENTS, more=CENTS)
def test_a_cost_more_never_lowers_the_floor(cost, more):
    plain = floor(limits(unit_cost=Money(cost, "USD"), ceiling=None), fees())
    with_ads = floor(limits(unit_cost=Money(cost, "USD"), ceiling=None, ad_cost=Money(more, "USD")), fees())
    assert plain.price is not None
    assert with_ads.price is not None
    assert with_ads.price >= plain.price


def test_an_ordinary_floor_shows_what_it_is_made_of():
    asked = limits(ad_cost=usd("0.80"), return_bp=500, return_cost=usd("4.00"), costs_on=date(2026, 1, 2))
    found = floor(asked, fees())
    # (6.00 + 0.80 + 0.20 + 3.22 + 1.00) / 0.85 = 13.2
    assert (found.price, found.reason) == (usd("13.20"), "break-even + margin")
    lines = cost_lines(found, asked, fees())
    told = {line.name: (line.amount, line.note) for line in lines}
    assert told["platform fees"] == (usd("5.20"), "fee quote")
    assert told["ads"] == (usd("0.80"), "by anna")
    assert told["returns"] == (usd("0.20"), "5 % × 4.00 USD, by anna")
    assert {line.at for line in lines if line.name != "platform fees"} == {datetime(2026, 1, 2, tzinfo=UTC)}


def test_margin_of_the_price_and_return_on_cost():
    assert floor(limits(min_margin=None, margin_bp=2_000), fees()).price == usd("14.19")  # 9.22 / 0.65
    assert floor(limits(min_margin=None, roi_bp=5_000), fees()).price == usd("14.38")  # (9.22 + 3.00) / 0.85
    impossible = floor(limits(margin_bp=8_500), fees())
    assert impossible.price is None
    assert "no price leaves" in impossible.reason


def test_a_fresh_quote_goes_before_the_table_and_the_table_before_an_old_one():
    asked, sheets = limits(fee_class="kitchen"), a_sheet(a_row(fixed=usd("4.22")))
    assert floor(asked, fees(), sheets, T0).price == usd("12.03")
    later = T0 + 4 * DAY
    by_table = floor(asked, fees(), sheets, later)
    assert by_table.price == usd("13.20")  # one dollar more to fulfil
    fee_line = next(line for line in cost_lines(by_table, asked, fees(), sheets, later) if line.name == "platform fees")
    assert "fee table kitchen since 2026-01-15 (fee page)" in fee_line.note
    assert floor(asked, None, sheets, T0).price == usd("13.20")
    assert floor(limits(), fees(), sheets, later).price == usd("12.03")  # no class named: nothing else is known


def test_the_row_in_force_on_the_day_counts():
    asked = limits(fee_class="kitchen")
    rows = a_row(since=date(2026, 1, 15)), a_row(since=T0.date() + DAY, fixed=usd("9.00"))
    assert floor(asked, None, a_sheet(*rows), T0).price == usd("12.03")
    assert floor(asked, None, a_sheet(*rows), T0 + 2 * DAY).price == usd("18.83")


def test_the_least_referral_fee_holds_for_cheap_things():
    asked = limits(hard_min=usd("0.10"), unit_cost=usd("0.50"), min_margin=None, fee_class="kitchen")
    assert floor(asked, None, a_sheet(a_row(fixed=usd("0.00"))), T0).price == usd("0.80")


def test_what_makes_no_sense_gives_no_floor_and_says_why():
    euro = Money.of("5.00", "EUR")
    for broken, word in (
        (limits(foreign_cost=euro), "set twice"),
        (limits(unit_cost=None, foreign_cost=euro), "no rate from EUR to USD"),
        (limits(ad_cost=euro), "ad cost is in EUR"),
        (limits(return_cost=usd("-1.00")), "negative"),
        (limits(return_bp=10_001), "share of returns"),
        (limits(margin_bp=10_000), "margin of the price"),
    ):
        found = floor(broken, fees())
        assert found.price is None
        assert word in found.reason
    foreign_table = floor(limits(fee_class="kitchen"), None, a_sheet(a_row(least=euro, fixed=euro)), T0)
    assert "EUR" in foreign_table.reason
