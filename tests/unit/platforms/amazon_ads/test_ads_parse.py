"""Amazon Ads' payloads: words by table, sums with a float's dust, rows that hide one another, rounds of reports."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import Vendor

from ecom_agent.errors import OutcomeUnknown, ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdState, Campaign, Match, Target, TargetKind
from platforms._shared.rounds import Round
from platforms.amazon_ads import SPEC, bids, parse
from platforms.amazon_ads.client import issues
from platforms.amazon_ads.figures import EVERY, KEPT, PACE, SPAN
from platforms.amazon_ads.parse.profiles import Profile, Where
from platforms.amazon_ads.parse.reports import duplicate_of

US = MarketplaceId("ATVPDKIKX0DER")
PROFILE = Profile("1", "US", "USD", ZoneInfo("America/Los_Angeles"), US, 7)
HERE = Where(AccountId("ads_us"), PROFILE)
SEEN = datetime(2026, 11, 3, 12, tzinfo=UTC)
ROW = {"date": "2026-11-01", "campaignId": 1, "adGroupId": 2, "keywordId": 3, "impressions": 9, "clicks": 2}


def test_the_samples_say_what_they_say() -> None:
    pages = list(Vendor(SPEC, "campaigns").open().pull_campaigns(None))
    records = [record for page in pages for record in page.records]
    manual, automatic = [one for one in records if isinstance(one, Campaign)]
    assert (manual.state, manual.daily_budget, manual.ends_on) == (AdState.ENABLED, Money(2550, "USD"), None)
    assert (automatic.state, automatic.state_raw) == (AdState.UNMAPPED, "ON_THE_MOON")
    assert automatic.daily_budget is None, "a budget that is not daily is not told as one"
    assert any("moonPhase" in name for page in pages for name in page.unknown_fields)
    targets = {one.target_id: one for one in records if isinstance(one, Target)}
    assert targets["300000000000001"].bid == Money(75, "USD")
    assert targets["300000000000002"].bid is None, "the group's default holds"
    assert targets["400000000000001"].text == "ASIN_SAME_AS=B0SAMPLE01"
    assert targets["400000000000002"].kind is TargetKind.AUTOMATIC
    assert {one.match for one in targets.values() if one.negative} == {Match.EXACT, Match.PHRASE, None}
    assert targets["600000000000002"].ad_group_id is None, "it holds for the whole campaign"
    assert all(one.bid is None for one in targets.values() if one.negative)


def test_figures_are_summed_money_and_unknown_stays_unknown() -> None:
    pages = list(Vendor(SPEC, "ad_figures").open().pull_ad_figures(None))
    first, second, third = [record for page in pages for record in page.records][:3]
    assert first.figures.cost == Money(843, "USD"), "8.4300000000000005 is 8.43"
    assert (first.campaign_id, first.target_id) == ("100000000000001", "300000000000001")
    assert second.figures.units is None
    assert second.figures.sales == Money(0, "USD")
    assert third.figures.clicks == 0
    assert first.told_at == datetime(2026, 11, 3, 12, 0, 9, 500_000, tzinfo=UTC)


def test_a_second_row_of_one_day_and_target_is_set_aside_and_said() -> None:
    """Bug class 6: a key that is too short collapses rows."""
    read = parse.targeting([ROW, {**ROW, "clicks": 5}, {**ROW, "keywordId": 4}], HERE, SEEN)
    assert [one.target_id for one in read.records] == ["3", "4"]
    assert [poison.external_id for poison in read.poison] == ["2026-11-01 1 3"]
    assert "second row" in read.poison[0].reason


@pytest.mark.parametrize(
    "broken",
    [
        {"date": "1 November"}, {"date": None}, {"campaignId": None}, {"campaignId": True}, {"keywordId": []},
        {"clicks": -1}, {"clicks": 1.5}, {"clicks": "2"}, {"cost": -0.01}, {"cost": "NaN"}, {"cost": "1e999"},
        {"sales7d": {}}, {"campaignBudgetCurrencyCode": "ZZZ"},
    ],
)  # fmt: skip
def test_a_broken_row_is_set_aside_and_the_others_go_on(broken: dict[str, Any]) -> None:
    read = parse.targeting([{**ROW, "cost": 1.0, "sales7d": 2, **broken}, {**ROW, "keywordId": 9}], HERE, SEEN)
    assert [one.target_id for one in read.records] == ["9"]
    assert len(read.poison) == 1
    assert read.poison[0].reason


@given(st.decimals("0", "100000", places=2))
@settings(max_examples=40)
def test_a_sum_is_exact_whatever_dust_a_float_leaves(amount: Decimal) -> None:
    dusty = orjson.loads(orjson.dumps(float(amount) * 3 / 3))
    (one,) = parse.targeting([{**ROW, "cost": dusty}], HERE, SEEN).records
    assert one.figures.cost == Money.of(amount, "USD")


def test_a_vendors_orders_are_credited_for_two_weeks() -> None:
    profiles = parse.profiles(Vendor(SPEC)._exchanges[1]["body"])
    assert {one.country: one.attribution_days for one in profiles.values()} == {"US": 7, "DE": 14}
    where = Where(HERE.account, profiles["1234567890123457"])
    (one,) = parse.targeting([{**ROW, "sales14d": 3.5, "sales7d": 1.0}], where, SEEN).records
    assert (one.figures.sales, one.figures.attribution_days) == (Money(350, "EUR"), 14)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[", b'"rows"', b"null"])
def test_a_file_without_rows_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseFailed):
        parse.report_rows(raw)


def test_a_duplicate_names_the_one_that_is_being_made() -> None:
    words = issues({"code": "425", "detail": "The Request is a duplicate of : 0F6F6D2E-1111-4222-8333-444444444444"})
    assert duplicate_of(words) == "0F6F6D2E-1111-4222-8333-444444444444"
    assert duplicate_of(("425: try later",)) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"code": "THROTTLED", "message": "slow down"}, ("THROTTLED: slow down",)),
        ({"code": "400", "detail": "no such column"}, ("400: no such column",)),
        ({"error": "invalid_grant", "error_description": "gone"}, ("invalid_grant: gone",)),
        (
            {"code": "INVALID_ARGUMENT", "errors": [{"errorType": "x", "errorValue": {"x": {"reason": "LOW"}}}]},
            ("INVALID_ARGUMENT", "LOW"),
        ),
        ([], ()),
        ("text", ()),
    ],
)
def test_refusals_keep_amazons_words(body: Any, said: tuple[str, ...]) -> None:
    assert issues(body) == said


# --- bids ---


@pytest.mark.parametrize(
    "body", [{}, {"keywords": {"success": [{"index": 0, "keywordId": "another"}]}}, {"keywords": []}, []]
)
def test_a_207_that_does_not_show_the_target_leaves_the_outcome_unknown(body: Any) -> None:
    target = next(
        one
        for page in Vendor(SPEC, "campaigns").open().pull_campaigns(None)
        for one in page.records
        if isinstance(one, Target)
    )
    vendor = Vendor(SPEC, change=lambda request, _: httpx.Response(207, json=body) if request.method == "PUT" else None)
    with pytest.raises(OutcomeUnknown):
        vendor.open().set_bid(target, Money(90, "USD"), idempotency_key="k")


def test_bounds_are_those_of_the_country() -> None:
    assert bids.BOUNDS["JP"] == (Money(2, "JPY"), Money(100_000, "JPY"))
    assert bids.BOUNDS["US"] == (Money(2, "USD"), Money(100_000, "USD"))
    assert all(least < most for least, most in bids.BOUNDS.values())


# --- which days the next report tells ---

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
TODAY = date(2026, 11, 3)


def test_a_first_round_goes_back_as_far_as_amazon_keeps() -> None:
    spans, state = [], Round()
    while (window := state.window(NOW, TODAY, PACE)) is not None:
        spans.append(window)
        state = state.asking("r", window, NOW).landed(TODAY)
        if state.next is None:
            break
    assert spans[0][0] == TODAY - KEPT
    assert spans[-1][1] == TODAY
    assert all(last - first <= SPAN for first, last in spans)
    assert all(later[0] == sooner[1] + timedelta(1) for sooner, later in pairwise(spans))
    assert (state.through, state.told) == (TODAY, NOW)


def test_later_rounds_tell_the_last_month_again_and_rest_in_between() -> None:
    """Bug classes 3 and 4: the cursor never defeats the look-back."""
    state = Round(through=TODAY, told=NOW)
    assert state.window(NOW + EVERY - timedelta(seconds=1), TODAY, PACE) is None
    assert state.window(NOW + EVERY, TODAY, PACE) == (TODAY - SPAN, TODAY)
    after_a_week = TODAY + timedelta(7)
    assert state.window(NOW + timedelta(7), after_a_week, PACE) == (TODAY - SPAN, TODAY)


@given(
    pause=st.integers(0, 200),
    through=st.integers(0, 200),
    at=st.integers(0, 300),
)
@settings(max_examples=60)
def test_no_day_between_is_left_out_and_none_is_too_old(pause: int, through: int, at: int) -> None:
    today = TODAY + timedelta(at)
    state = Round(through=today - timedelta(through), told=NOW - timedelta(days=pause + 1))
    told: set[date] = set()
    for _ in range(8):
        window = state.window(NOW, today, PACE)
        assert window is not None
        first, last = window
        assert today - KEPT <= first <= last <= today
        assert last - first <= SPAN
        told |= {first + timedelta(n) for n in range((last - first).days + 1)}
        state = state.asking("r", window, NOW).landed(today)
        if state.next is None:
            break
    wanted = min(KEPT.days, through + SPAN.days)
    assert told == {today - timedelta(n) for n in range(wanted + 1)}
    assert Round.read(state.cursor()) == state


@pytest.mark.parametrize("cursor", ["page 7", '{"next":"soon"}', '{"asked":"noon"}', "[]"])
def test_a_damaged_cursor_is_a_clear_error(cursor: str) -> None:
    with pytest.raises(ParseFailed, match="cursor"):
        Round.read(cursor)
