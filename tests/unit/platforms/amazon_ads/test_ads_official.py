"""What we took from Amazon's pages is what they say: bounds of bids, columns of reports."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from vendor_kit import Vendor

from platforms.amazon_ads import SPEC, bids, figures
from platforms.simulated.ads import reports as simulated

pytestmark = pytest.mark.shared
PAGES = {"spTargeting": "targeting", "spSearchTerm": "search-term"}


@pytest.fixture(scope="module")
def folder(shared_dir: Path) -> Path:
    return shared_dir / "specs" / "amazon-ads"


def official(folder: Path, type_id: str) -> set[str]:
    """The columns of a report type of Sponsored Products, whatever it is grouped by."""
    told: dict[str, Any] = json.loads((folder / "reporting-v3-report-types.json").read_text("utf-8"))
    return {name for part in told[PAGES[type_id]]["Sponsored Products"].values() for name in part["columns"]}


def test_bounds_of_bids_are_amazons(folder: Path) -> None:
    told = json.loads((folder / "limits-and-bid-constraints.json").read_text("utf-8"))["Bid constraints by marketplace"]
    rows = [row for table in told for row in table if row.get("Min / Max bid for SP")]
    theirs = {
        row["Marketplace"]: (row["Currency"], *map(Decimal, row["Min / Max bid for SP"].split("/"))) for row in rows
    }
    ours = {place: (least.currency, least.major, most.major) for place, (least, most) in bids.BOUNDS.items()}
    assert ours == theirs


@pytest.mark.parametrize("kind", [figures.TARGETING, figures.SEARCH_TERMS], ids=lambda kind: kind.type_id)
@pytest.mark.parametrize("profile", ["1234567890123456", "1234567890123457"], ids=["seller", "vendor"])
def test_every_column_we_ask_for_is_one_of_the_report(folder: Path, kind: figures.Kind, profile: str) -> None:
    place = {"1234567890123456": "ATVPDKIKX0DER", "1234567890123457": "A1PA6795UKMFR9"}[profile]
    client = Vendor(SPEC).open(PROFILE_ID=profile, MARKETPLACE=place).client
    first = last = client.clock.now().date()
    wanted = figures._request(client, kind, first, last)["configuration"]["columns"]
    assert set(wanted) <= official(folder, kind.type_id)
    assert len(set(wanted)) == len(wanted)
    assert simulated.unknown_columns(kind.type_id, "DAILY", list(wanted)) == []


@pytest.mark.parametrize("type_id", PAGES)
def test_the_simulated_server_has_no_column_of_its_own(folder: Path, type_id: str) -> None:
    theirs = official(folder, type_id)
    known = {*simulated._SUMS, *simulated._OF_TARGET, "date", "startDate", "endDate"}
    assert known <= theirs
    made_up = simulated.unknown_columns(type_id, "DAILY", ["moonPhase", "impressions"])
    assert made_up == ["moonPhase"]
