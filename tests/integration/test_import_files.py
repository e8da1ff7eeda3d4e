"""Reviews, messages and costs out of files into PostgreSQL: looked at first, exact, twice without a change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from seller_kit import PERSON, SHOP, Seller

from ecom_agent.clock import SystemClock
from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId, Sku
from ecom_agent.store.db import Database
from ecom_agent.store.messages import MessageStore
from ecom_agent.store.pulls import CursorStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.store.reviews import ReviewStore
from ecom_agent.wiring import App, build, demo_values

pytestmark = pytest.mark.services
REVIEWS, DESK = AccountId("reviews"), AccountId("help_desk")
COUNTS = ("fetched", "new", "changed", "unchanged", "quarantined")


@pytest.fixture
def app(postgres_url: str, tmp_path: Path) -> Iterator[App]:
    made = build(demo_values("http://127.0.0.1:9", postgres_url, tmp_path), SystemClock())
    yield made
    made.close()


def reviews(folder: Path, *stars: str, name: str = "reviews.csv") -> Path:
    rows = [
        {
            "review_id": f"R{n}", "asin": "B01", "title": "A title", "body": f"Text {n}.", "rating": rating,
            "date": f"2026-05-0{1 + n % 9}", "country": "US", "verified_purchase": "true", "helpful_votes": n,
        }
        for n, rating in enumerate(stars)
    ]  # fmt: skip
    return written(folder / name, rows)


def letters(folder: Path) -> Path:
    row = {"ticket_id": "t1", "customer_id": "jane@example.com", "order_id": "111-1"}
    rows = [
        {**row, "message_id": "m1", "direction": "customer", "sent_at": "2026-05-01T10:00:00", "body": "Where is it?"},
        {**row, "message_id": "m2", "direction": "agent", "sent_at": "2026-05-01T11:00:00", "body": "On its way."},
        {**row, "message_id": "m3", "direction": "ghost", "sent_at": "2026-05-01T12:00:00", "body": "A secret."},
    ]
    return written(folder / "letters.csv", rows)


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def counts(preview: Any) -> tuple[int, ...]:
    return tuple(getattr(preview, name) for name in COUNTS)


def test_a_preview_tells_what_the_import_does_and_keeps_nothing(app: App, database: Database, tmp_path: Path) -> None:
    first = reviews(tmp_path, "5", "4", "3")
    seen = app.preview_file("reviews", first, "reviews_export")
    assert (counts(seen), seen.already) == ((3, 3, 0, 0, 0), False)
    assert [row["review_id"] for row in seen.sample] == ["R0", "R1", "R2"]
    with database.unit() as unit:
        assert ReviewStore(unit.session).count(REVIEWS) == 0
        assert CursorStore(unit.session).get(REVIEWS, "file:reviews_export") is None
    assert app.backfill_file("reviews", first, "reviews_export", check=False)["written"] == 3
    second = reviews(tmp_path, "5", "1", "3", "9", "2", name="more.csv")
    seen = app.preview_file("reviews", second, "reviews_export")
    assert counts(seen) == (5, 1, 1, 2, 1)
    assert seen.refused == (("R3", "row 5: rating: wanted 1 to 5 stars, or one of rating_words; found '9'"),)
    with database.unit() as unit:
        assert QuarantineStore(unit.session).open() == []
        assert [review.rating for review in ReviewStore(unit.session).of(REVIEWS, product="B01")][-2:] != [1]
    done = app.backfill_file("reviews", second, "reviews_export", check=False)
    assert (done["fetched"], done["written"], done["unchanged"], done["quarantined"]) == (5, 2, 2, 1)
    seen = app.preview_file("reviews", second, "reviews_export")
    assert (counts(seen), seen.already) == ((5, 0, 0, 4, 1), True)


def test_the_same_reviews_twice_write_nothing(app: App, database: Database, tmp_path: Path) -> None:
    app.backfill_file("reviews", reviews(tmp_path, "5", "4"), "reviews_export", check=False)
    again = app.backfill_file("reviews", reviews(tmp_path, "5", "4"), "reviews_export", check=False)
    assert (again["pages"], again["written"]) == (0, 0)
    copy = reviews(tmp_path, "4", "4", name="copy.csv")
    app.backfill_file("reviews", copy, "reviews_export", check=False)
    with database.unit() as unit:
        found = ReviewStore(unit.session).of(REVIEWS)
    assert [(review.review_id, str(review.rating)) for review in found] == [("R1", "4.00"), ("R0", "4.00")]
    with database.unit() as unit:
        assert ReviewStore(unit.session).of(REVIEWS, sku=Sku("MUG-01")) == []


def test_messages_are_sealed_and_the_one_that_cannot_be_read_is_set_aside(
    app: App, database: Database, tmp_path: Path
) -> None:
    path = letters(tmp_path)
    seen = app.preview_file("messages", path, "messages_help_desk")
    assert counts(seen) == (3, 2, 0, 0, 1)
    assert "Where" not in repr(asdict(seen))
    assert "jane" not in repr(asdict(seen))
    said: list[str] = []
    done = app.backfill_file("messages", path, "messages_help_desk", check=False, progress=said.append)
    assert (done["written"], done["quarantined"], said) == (2, 1, ["3 messages read, 2 written, 1 set aside"])
    with database.unit() as unit:
        store = MessageStore(unit.session, app.parts.vault())
        (buyer, ours) = store.sent_between(DESK, *spring())
        (aside,) = QuarantineStore(unit.session).open()
    assert (buyer.text, buyer.from_buyer, buyer.buyer) == ("Where is it?", True, "jane@example.com")
    assert (ours.text, ours.from_buyer) == ("On its way.", False)
    assert (aside.external_id, aside.stream) == ("m3", "file:messages_help_desk")
    assert "ghost" not in aside.reason


def spring() -> tuple[Any, Any]:
    return pd.Timestamp("2026-01-01", tz="UTC").to_pydatetime(), pd.Timestamp("2027-01-01", tz="UTC").to_pydatetime()


def test_costs_come_into_the_limits_by_their_own_door(seller: Seller, tmp_path: Path) -> None:
    app = seller.open()
    app.pull(SHOP, "listings")
    mine = [row for row in app.limits() if row.account == SHOP][:2]
    cells = {"currency": "USD", "ad_cost": "0.30", "return_percent": "", "return_cost": "", "costs_on": ""}
    rows = [
        {"account": x.account, "marketplace": x.marketplace, "sku": x.sku, "unit_cost": cost, **cells}
        for x, cost in zip(mine, ("4.20", "5.00"), strict=True)
    ]
    path = written(
        tmp_path / "costs.csv", [*rows, {**rows[0], "sku": "NO-SUCH"}, {**rows[1], "sku": "X", "unit_cost": "?"}]
    )
    seen = app.preview_file("costs", path, "costs_sheet")
    assert counts(seen) == (4, 2, 0, 0, 2)
    assert all(x.unit_cost is None for x in app.limits())
    done = app.backfill_file("costs", path, "costs_sheet", check=False, by=PERSON)
    assert (done["written"], done["quarantined"]) == (2, 2)
    after = {x.sku: x for x in app.limits() if x.account == SHOP}
    assert [after[x.sku].unit_cost for x in mine] == ["4.20", "5.00"]
    assert after[mine[0].sku].ad_cost == "0.30"
    (event,) = [e for e in app.audit_events() if e.step == "limits set"]
    assert event.actor == PERSON
    rows[0]["unit_cost"] = "4.50"
    again = written(tmp_path / "costs.csv", rows)
    assert counts(app.preview_file("costs", again, "costs_sheet")) == (2, 0, 1, 1, 0)
    assert app.backfill_file("costs", again, "costs_sheet", check=False)["written"] == 1
    assert app.backfill_file("costs", again, "costs_sheet", check=False)["written"] == 0


@pytest.mark.parametrize(
    ("stream", "mapping", "account", "said"),
    [
        ("moods", "reviews_export", None, "one of orders, reviews, messages, costs"),
        ("costs", "reviews_export", None, "a mapping of costs"),
        ("reviews", "reviews_export", "a b", "an account"),
    ],
)
def test_what_cannot_be_imported_is_told(
    app: App, tmp_path: Path, stream: str, mapping: str, account: str | None, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        app.preview_file(stream, reviews(tmp_path, "5"), mapping, account=account)


@pytest.mark.shared
def test_real_reviews_come_in_once(app: App, database: Database, shared_dir: Path) -> None:
    path = shared_dir / "data" / "reviews_huliu" / "aspect_sentences.jsonl.gz"
    assert counts(app.preview_file("reviews", path, "reviews_by_sentence")) == (313, 313, 0, 0, 0)
    assert app.backfill_file("reviews", path, "reviews_by_sentence", check=False)["written"] == 313
    assert counts(app.preview_file("reviews", path, "reviews_by_sentence")) == (313, 0, 0, 313, 0)
    with database.unit() as unit:
        found = ReviewStore(unit.session).of(REVIEWS, product="Nokia 6610")
    assert all(review.text for review in found)
