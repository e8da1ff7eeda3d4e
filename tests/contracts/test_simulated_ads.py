"""The Amazon Ads connector against its simulated server: figures are true, bids are set, reports asked for once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from channel_kit import Wired, fields, read
from simulated_kit import START

from ecom_agent.errors import AuthFailed, ConfigError, EcomError, OutcomeUnknown, Rejected, TransientError
from ecom_agent.money import Money
from ecom_agent.records.advertising import AdGroup, AdState, Campaign, Match, ProductAd, Target, TargetKind
from platforms.amazon_ads import figures, reports
from platforms.simulated import truth
from platforms.simulated.ads import constants as law
from platforms.simulated.contracts import Contracts
from platforms.simulated.servers.ads import credentials
from platforms.simulated.simulation import Simulation
from platforms.simulated.state import ADS
from platforms.simulated.wire.ads import read_id

CREATE = ("POST", "/ads/reporting/reports")


class Advertiser(Wired):
    """The connector before its server; `asked` counts what was sent, `answered` keeps all that was said."""

    def __init__(self, sim: Simulation) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answered: list[tuple[httpx.Request, httpx.Response]] = []
        values = fields(credentials.environment("http://simulated"), credentials.ACCOUNT)
        super().__init__(sim, "amazon_ads", ADS, credentials.ACCOUNT, values)

    def heard(self, request: httpx.Request, answer: httpx.Response) -> None:
        self.answered.append((request, answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        return super()._answer(request)

    def truth(self) -> Any:
        return truth.tell(self.sim.world, "shop")["ads"]

    def calls(self, method: str, path: str) -> int:
        return self.asked.count((method, path))

    def target(self, kind: TargetKind = TargetKind.KEYWORD) -> Target:
        found = read(self.connector.pull_campaigns(None))
        return next(x for x in found if isinstance(x, Target) and x.kind is kind and not x.negative and x.bid)


def opened(folder: Path) -> Advertiser:
    return Advertiser(Simulation(folder, seed=11, start=START, products=14))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Advertiser]:
    one = opened(tmp_path_factory.mktemp("ads"))
    read(one.connector.pull_campaigns(None))
    one.pass_time(days=7)
    yield one
    one.sim.close()


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Advertiser]:
    one = opened(tmp_path)
    read(one.connector.pull_campaigns(None))
    yield one
    one.sim.close()


def run(pages: Iterator[Any], cursor: str | None) -> tuple[list[Any], str | None]:
    """One run as the engine does it: what landed, and the cursor that was saved last, whatever was raised after it."""
    landed = []
    try:
        for page in pages:
            landed += page.records
            cursor = page.next_cursor or cursor
    except EcomError:
        return landed, cursor
    return landed, cursor


def told_whole(one: Advertiser, pull: Any, cursor: str | None = None) -> tuple[list[Any], str]:
    """Runs, minutes apart, until a round is over: all that landed, and the cursor."""
    landed: list[Any] = []
    for _ in range(40):
        new, cursor = run(pull(cursor), cursor)
        landed += new
        state = orjson.loads(cursor or "{}")
        if "told" in state and not {"report", "next"} & set(state):
            return landed, cursor or ""
        one.pass_time(minutes=2)
    raise AssertionError(f"the round does not end: {cursor}")


def sums(records: list[Any]) -> dict[tuple[str, str | None], tuple[int | None, ...]]:
    """By day and target; what a later report tells replaces what an earlier one told."""
    newest: dict[Any, Any] = {}
    for one in records:
        key = (one.day, one.target_id, getattr(one, "term", None))
        if key not in newest or newest[key].told_at <= one.told_at:
            newest[key] = one
    total: dict[tuple[str, str | None], Counter[int]] = {}
    for (day, target, _), one in newest.items():
        f = one.figures
        told = (f.impressions, f.clicks, f.cost.minor, f.orders, f.units, f.sales.minor)
        total.setdefault((day.isoformat(), target), Counter()).update(dict(enumerate(told)))
    return {key: tuple(found[n] for n in range(6)) for key, found in total.items()}


def true_sums(told: Any) -> dict[tuple[str, str | None], tuple[int | None, ...]]:
    total: dict[tuple[str, str | None], Counter[int]] = {}
    for row in told["figures"]:
        values = [row[n] for n in ("impressions", "clicks", "cost_minor", "orders", "units", "sales_minor")]
        total.setdefault((row["day"], row["target"]), Counter()).update(dict(enumerate(values)))
    return {key: tuple(found[n] for n in range(6)) for key, found in total.items()}


# --- what is advertised ---


def test_every_campaign_group_ad_and_target_is_the_true_one(lived: Advertiser) -> None:
    found, told = read(lived.connector.pull_campaigns(None)), lived.truth()
    campaigns = {x.campaign_id: x for x in found if isinstance(x, Campaign)}
    assert set(campaigns) == set(told["campaigns"])
    assert {x.sku for x in found if isinstance(x, ProductAd)} == {x["sku"] for x in told["campaigns"].values()}
    assert len([x for x in found if isinstance(x, AdGroup)]) == len(campaigns)
    targets = {x.target_id: x for x in found if isinstance(x, Target) and not x.negative}
    assert {key: x.bid and x.bid.minor for key, x in targets.items()} == {
        key: x["bid_minor"] for key, x in told["targets"].items()
    }
    assert {x.kind for x in targets.values()} == {TargetKind.KEYWORD, TargetKind.PRODUCT, TargetKind.AUTOMATIC}
    refused = [x for x in found if isinstance(x, Target) and x.negative]
    assert refused
    assert all(x.text == "free" and x.match is Match.PHRASE and x.bid is None for x in refused)
    assert all(x.state is AdState.ENABLED and x.updated_at is not None for x in found)


def test_lists_are_paged(seller: Advertiser, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(seller.connector.pull_campaigns(None))
    monkeypatch.setattr("platforms.amazon_ads.entities._PAGE", 3)
    pages = list(seller.connector.pull_campaigns(None))
    assert len(pages) > 12
    paged = [record for page in pages for record in page.records]
    assert [type(x) for x in paged] == [type(x) for x in whole]
    assert [page.next_cursor is not None for page in pages] == [False] * (len(pages) - 1) + [True]


# --- figures ---


def test_figures_and_search_terms_are_the_truth(lived: Advertiser) -> None:
    figured, _ = told_whole(lived, lived.connector.pull_ad_figures)
    assert sums(figured) == true_sums(lived.truth())
    termed, _ = told_whole(lived, lived.connector.pull_search_terms)
    told = lived.truth()
    assert sums(termed) == true_sums(told)
    assert told["totals"]["orders"] > 0
    assert told["clicks_taken_back"] > 0
    assert {one.term for one in termed} == {row["term"] for row in told["figures"]}
    assert all(one.figures.attribution_days == 7 for one in figured)


def test_credited_orders_are_orders_of_the_world(lived: Advertiser) -> None:
    told = truth.tell(lived.sim.world, "shop")
    assert set(told["ads"]["credited"]) <= set(told["orders"]["amazon"])
    credited = [told["orders"]["amazon"][order] for order in told["ads"]["credited"]]
    assert sum(order["total_minor"] for order in credited) == told["ads"]["totals"]["sales_minor"]


def test_a_day_that_was_told_grows_and_is_told_again(tmp_path: Path) -> None:
    """Bug class 4: late figures never fetched again."""
    one = opened(tmp_path)
    read(one.connector.pull_campaigns(None))
    landed: list[Any] = []
    cursor: str | None = None
    first: dict[Any, Any] = {}
    for _ in range(6):
        one.pass_time(days=1)
        new, cursor = told_whole(one, one.connector.pull_ad_figures, cursor)
        landed += new
        first = first or sums(landed)
    now = sums(landed)
    assert now == true_sums(one.truth())
    assert any(now[key][3:] != told[3:] for key, told in first.items()), "orders were credited to days told before"
    one.sim.close()


def test_a_round_is_one_report_and_the_next_is_due_hours_later(lived: Advertiser) -> None:
    _, cursor = told_whole(lived, lived.connector.pull_ad_figures)
    before = lived.calls(*CREATE)
    (page,) = list(lived.connector.pull_ad_figures(cursor))
    assert (page.records, page.next_cursor, lived.calls(*CREATE)) == ((), None, before)
    lived.pass_time(hours=5)
    new, _ = told_whole(lived, lived.connector.pull_ad_figures, f'{{"through":"{orjson.loads(cursor)["through"]}"}}')
    assert new
    assert lived.calls(*CREATE) == before + 1


# --- a report that is not as it should be ---


def test_a_run_that_breaks_off_finds_its_report_again(seller: Advertiser) -> None:
    """Bug class 13: a report is asked for once, however often a run dies."""
    seller.pass_time(hours=6)
    cursor = next(seller.connector.pull_ad_figures(None)).next_cursor
    before = seller.calls(*CREATE)
    for _ in range(3):  # each run dies after its look
        next(seller.connector.pull_ad_figures(cursor))
    seller.pass_time(minutes=3)
    page = next(seller.connector.pull_ad_figures(cursor))
    assert page.operation == reports.FILE
    assert seller.calls(*CREATE) == before == 1


def test_one_that_is_being_made_already_is_taken(seller: Advertiser) -> None:
    """The cursor was lost between the answer and its commit: 425 names the report."""
    seller.pass_time(hours=6)
    first = next(seller.connector.pull_ad_figures(None))
    again = next(seller.connector.pull_ad_figures(None))
    assert first.next_cursor is not None
    assert orjson.loads(again.next_cursor or "")["report"] == orjson.loads(first.next_cursor)["report"]
    assert 425 in [answer.status_code for _, answer in seller.answered]


def test_one_that_never_finishes_is_an_error_and_the_next_run_goes_on(seller: Advertiser) -> None:
    seller.pass_time(hours=6)
    seller.fault(stuck_report=1.0)
    cursor: str | None = None
    for _ in range(5):
        _, cursor = run(seller.connector.pull_ad_figures(cursor), cursor)
        seller.pass_time(hours=1)
    pages = seller.connector.pull_ad_figures(cursor)
    cursor = next(pages).next_cursor
    with pytest.raises(TransientError, match=r"for over 4 h; it is given up"):
        next(pages)
    assert seller.calls(*CREATE) == 1
    seller.fault()
    seller.sim.do("ads_report_forget", report_id=next(iter(seller.sim.world.ads.reports)))  # type: ignore[union-attr]
    (page,) = list(seller.connector.pull_ad_figures(cursor))
    assert page.records == (), "it rests"
    seller.pass_time(minutes=31)
    landed, _ = told_whole(seller, seller.connector.pull_ad_figures, cursor)
    assert sums(landed) == true_sums(seller.truth())


def test_one_that_is_gone_is_asked_for_anew(seller: Advertiser) -> None:
    seller.pass_time(hours=6)
    cursor = next(seller.connector.pull_ad_figures(None)).next_cursor
    seller.sim.do("ads_report_forget", report_id=next(iter(seller.sim.world.ads.reports)))  # type: ignore[union-attr]
    pages = seller.connector.pull_ad_figures(cursor)
    cursor = next(pages).next_cursor
    with pytest.raises(TransientError, match="is gone"):
        next(pages)
    assert "report" not in orjson.loads(cursor or "")


def test_a_torn_file_is_fetched_once_more_and_then_by_the_next_run(seller: Advertiser) -> None:
    seller.pass_time(hours=6)
    cursor = next(seller.connector.pull_ad_figures(None)).next_cursor
    seller.fault(truncated_gzip=1.0)
    seller.pass_time(minutes=3)
    with pytest.raises(TransientError, match="torn or damaged"):
        next(seller.connector.pull_ad_figures(cursor))
    assert sum("/files/" in r.url.path for r, _ in seller.answered) == reports.DOWNLOADS
    seller.fault()
    assert next(seller.connector.pull_ad_figures(cursor)).operation == reports.FILE
    assert seller.calls(*CREATE) == 1


def test_reports_are_no_longer_and_no_older_than_amazon_takes(lived: Advertiser) -> None:
    """A first round reads 95 days in four reports, none refused."""
    lived.answered.clear()
    told_whole(lived, lived.connector.pull_search_terms)
    asked = [orjson.loads(r.content) for r, _ in lived.answered if (r.method, r.url.path) == CREATE]
    spans = [(one["startDate"], one["endDate"]) for one in asked]
    assert len(spans) == 4
    assert all(answer.status_code == 200 for r, answer in lived.answered if (r.method, r.url.path) == CREATE)
    assert spans == sorted(spans)
    client = lived.connector.client
    status, _ = _refusal(client, spans[0][0], days=figures.SPAN.days + 2)
    assert status == 400


def _refusal(client: Any, first: str, *, days: int) -> tuple[int | None, str]:
    last = (START + timedelta(days=days)).date().isoformat()
    with pytest.raises(Rejected) as caught:
        reports.create(client, figures._request(client, figures.TARGETING, *_days(first, last)))
    return caught.value.status, str(caught.value)


def _days(first: str, last: str) -> Any:
    return date.fromisoformat(first), date.fromisoformat(last)


# --- bids ---


@pytest.mark.parametrize("kind", [TargetKind.KEYWORD, TargetKind.PRODUCT])
def test_a_bid_is_set_and_read_back(seller: Advertiser, kind: TargetKind) -> None:
    target, bid = seller.target(kind), Money(123, "USD")
    receipt = seller.connector.set_bid(target, bid, idempotency_key="k")
    assert receipt.external_ref == target.target_id
    assert seller.connector.live_bid(target) == bid
    assert seller.truth()["targets"][target.target_id]["bid_minor"] == 123


@pytest.mark.parametrize("minor", [1, 100_001, 0, -5])
def test_a_bid_out_of_bounds_never_leaves(seller: Advertiser, minor: int) -> None:
    target = seller.target()
    seller.answered.clear()
    with pytest.raises(Rejected, match=r"wanted a bid from 0\.02 USD to 1000\.00 USD"):
        seller.connector.set_bid(target, Money(minor, "USD"), idempotency_key="k")
    with pytest.raises(Rejected, match="takes bids in USD"):
        seller.connector.set_bid(target, Money(100, "EUR"), idempotency_key="k")
    assert not [r for r, _ in seller.answered if r.method == "PUT"]


def test_an_item_that_was_refused_inside_a_207_is_a_refusal(seller: Advertiser) -> None:
    stranger = replace(seller.target(), target_id="123")
    with pytest.raises(Rejected, match="ENTITY_NOT_FOUND") as caught:
        seller.connector.set_bid(stranger, Money(50, "USD"), idempotency_key="k")
    assert caught.value.status == 207
    assert seller.connector.live_bid(stranger) is None


def test_a_bid_whose_answer_is_lost_is_of_unknown_outcome_and_was_done(seller: Advertiser) -> None:
    target = seller.target()
    seller.fault(timeout_after_write=1.0)
    with pytest.raises(OutcomeUnknown):
        seller.connector.set_bid(target, Money(77, "USD"), idempotency_key="k")
    assert seller.calls("PUT", "/ads/sp/keywords") == 1
    seller.fault()
    assert seller.connector.live_bid(target) == Money(77, "USD")


def test_a_higher_bid_appears_more_often(tmp_path: Path) -> None:
    shown = []
    for bid in (5, 400):
        one = opened(tmp_path / str(bid))
        for target in read(one.connector.pull_campaigns(None)):
            if isinstance(target, Target) and not target.negative:
                one.sim.do("ads_target", target=_number(target), bid_minor=bid, state=None)
        one.pass_time(days=1)
        shown.append(one.truth()["totals"]["impressions"])
        one.sim.close()
    assert shown[0] * 5 < shown[1]


def _number(target: Target) -> int:
    number = read_id("target", target.target_id)
    assert number is not None
    return number


# --- the wire ---


def test_answers_are_as_the_contract_says(lived: Advertiser, shared_dir: Path) -> None:
    contracts = Contracts.load(shared_dir / "specs")
    target = lived.target()
    lived.connector.set_bid(target, Money(66, "USD"), idempotency_key="k")
    told_whole(lived, lived.connector.pull_ad_figures)
    seen = set()
    for request, answer in lived.answered:
        path = request.url.path.removeprefix("/ads")
        if path == request.url.path or "/files/" in path or not answer.is_success:
            continue
        problems = contracts.check_answer("amazon-ads", request.method, path, {}, answer.status_code, answer.json())
        assert problems == [], (request.method, path)
        seen.add((request.method, path.rpartition("/")[0] if path.startswith("/reporting/reports/") else path))
    assert len(seen) in (11, 12), "eight lists, a bid, a report asked for and looked for; the profile once"


def test_a_token_a_profile_and_a_client_are_asked_for(seller: Advertiser) -> None:
    with pytest.raises(ConfigError, match=r"PROFILE_ID: 99 .*not among .*\(US\)"):
        list(seller.open(PROFILE_ID="99").pull_campaigns(None))
    with pytest.raises(ConfigError, match=r"MARKETPLACE: A1PA6795UKMFR9 was given .*advertises in ATVPDKIKX0DER"):
        list(seller.open(MARKETPLACE="A1PA6795UKMFR9").pull_campaigns(None))
    seller.fault(revoked_tokens=1.0)
    with pytest.raises(AuthFailed):
        list(seller.open().pull_campaigns(None))
    seller.fault()
    headers = {"Amazon-Advertising-API-ClientId": credentials.CLIENT_ID, "Authorization": "Bearer nobody"}
    assert seller.client.get("/ads/v2/profiles", headers=headers).status_code == 401


def test_what_is_not_played_says_so(seller: Advertiser) -> None:
    client = seller.connector.client
    with pytest.raises(EcomError, match="501"):
        client.answer("PUT", "/v2/profiles", operation="listProfiles", body=[], media="application/json")


@pytest.mark.parametrize("fault", ["throttled", "server_error", "expiring_tokens"])
def test_faults_of_the_wire_are_lived_through(lived: Advertiser, fault: str) -> None:
    lived.fault(**{fault: 0.2})
    found, tries = None, 0
    while found is None:
        tries += 1
        assert tries < 30
        try:
            found = read(lived.connector.pull_campaigns(None))
        except (TransientError, AuthFailed):
            lived.pass_time(minutes=1)
    lived.fault()
    assert len([x for x in found if isinstance(x, Campaign)]) == len(lived.truth()["campaigns"])


def test_strange_records_are_set_aside_and_strange_words_kept(lived: Advertiser) -> None:
    lived.fault(poison_record=1.0, unknown_status=1.0, extra_fields=1.0)
    pages = list(lived.connector.pull_campaigns(None))
    lived.fault()
    assert all(page.poison for page in pages if page.records)
    assert any("addedLately" in name for page in pages for name in page.unknown_fields)
    odd = [x for page in pages for x in page.records if x.state is AdState.UNMAPPED]
    assert odd
    assert {x.state_raw for x in odd} == {"HELD_BY_A_WORD_NOBODY_KNOWS"}


def test_a_world_saved_and_opened_again_goes_on_the_same(tmp_path: Path) -> None:
    def figures_after(folder: Path, *, stop: bool) -> Any:
        one = opened(folder)
        read(one.connector.pull_campaigns(None))
        one.pass_time(hours=20)
        one.connector.set_bid(one.target(), Money(99, "USD"), idempotency_key="k")
        sim = one.sim
        if stop:
            sim._journal.close()  # killed: nothing was saved
            sim = Simulation(folder, seed=11, start=START, products=14)
        sim.advance(START + timedelta(days=2))
        found = truth.tell(sim.world, "shop")
        sim.close()
        return {name: found[name] for name in ("ads", "orders", "stock")}

    assert figures_after(tmp_path / "a", stop=False) == figures_after(tmp_path / "b", stop=True)


def test_the_law_keeps_its_promises(lived: Advertiser) -> None:
    """A click costs at most its bid, a campaign at most its budget a day, orders come within the window."""
    ads = lived.sim.world.ads
    assert ads is not None
    for day, found in ads.tally.items():
        for (number, _), one in found.items():
            target = ads.targets[number]
            most = max(target.bid_minor or 0, ads.campaigns[target.campaign].default_bid_minor, 400)
            assert 0 <= one.cost_minor <= one.clicks * most
            assert one.clicks <= one.impressions
        for campaign in ads.campaigns.values():
            spent = sum(one.cost_minor for (n, _), one in found.items() if ads.targets[n].campaign == campaign.number)
            assert spent <= campaign.budget_minor, day
    assert timedelta(days=7) == law.WINDOW
