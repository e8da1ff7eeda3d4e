"""An order file into PostgreSQL: exactly, twice without a change, killed anywhere without loss or double."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ecom_agent.clock import SystemClock
from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId, OrderId
from ecom_agent.ingest.files import backfill_file
from ecom_agent.money import Money
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.views import PullReport
from ecom_agent.store.db import Database
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.wiring import build, demo_values
from platforms.files import figures_of_file, load_mapping, read_orders

pytestmark = pytest.mark.services

UCI = load_mapping("uci_online_retail")
ACCOUNT = AccountId(UCI.account)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,Country"


def rows(orders: int) -> list[str]:
    """Orders of one to seven lines, credits, twins, free goods and a bad debt among them; two of them interleaved."""
    dice = random.Random(7)
    made = []
    for number in range(orders):
        country = dice.choice(["France", "EIRE", "Unspecified"])
        name = f"C{number}" if number % 9 == 0 else str(number)
        sign = -1 if number % 9 == 0 else 1
        for line in range(1 + number % 7):
            price = dice.choice(["1.25", "0", "0.001", "-11062.06", "12.30"])
            made.append(f"{name},1000{line},MUG,{sign * dice.randint(1, 40)},2011-07-01 12:0{line},{price},{country}")
        made.append(made[-1])
    made.insert(0, made.pop())
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, rows(60))


def written(folder: Path, lines: list[str]) -> Path:
    path = folder / "orders.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", "utf-8")
    return path


def backfill(database: Database, path: Path, said: list[PullReport] | None = None, lines: int = 40) -> dict[str, Any]:
    return backfill_file(
        database,
        SystemClock(),
        ACCOUNT,
        lambda cursor: read_orders(path, UCI, account=ACCOUNT, cursor=cursor, lines_per_page=lines),
        lambda: figures_of_file(path, UCI),
        name=path.name,
        check=True,
        progress=None if said is None else said.append,
    )


def test_a_file_is_imported_exactly_and_a_second_time_changes_nothing(database: Database, file: Path) -> None:
    said: list[PullReport] = []
    first = backfill(database, file, said)
    assert first["equal"]
    assert (first["written"], first["quarantined"], first["store"]["orders"]) == (60, 0, 60)
    assert [report.pages for report in said] == list(range(1, len(said) + 1))
    second = backfill(database, file)
    assert (second["pages"], second["written"], second["equal"]) == (0, 0, True)


def test_the_same_orders_under_another_name_are_recognised(database: Database, file: Path) -> None:
    backfill(database, file)
    again = backfill(database, file.rename(file.with_name("copy.csv")))
    assert (again["written"], again["unchanged"], again["equal"]) == (0, 60, True)


def test_credits_and_odd_prices_are_stored_as_they_are(database: Database, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [
            "C1,10001,MUG,-3,2011-07-01 12:00,1.25,France",
            "A2,B,Adjust bad debt,1,2011-08-12 14:51,-11062.06,United Kingdom",
            "3,PADS,PADS TO MATCH,1,2011-04-15 09:27,0.001,United Kingdom",
        ],
    )
    assert backfill(database, path)["equal"]
    with database.unit() as unit:
        credit, debt, pads = (OrderStore(unit.session).get(ACCOUNT, OrderId(name)) for name in ("C1", "A2", "3"))
    assert credit is not None
    assert debt is not None
    assert pads is not None
    assert (credit.status, credit.total) == (OrderStatus.CANCELLED, Money(-375, "GBP"))
    assert (debt.total, debt.lines[0].unit_price) == (Money(-1106206, "GBP"), Money(-1106206, "GBP"))
    assert (pads.total, pads.lines[0].unit_price, pads.lines[0].sku) == (Money(0, "GBP"), None, None)


def test_an_unreadable_row_is_listed_with_its_number_and_the_rest_comes_in(database: Database, tmp_path: Path) -> None:
    path = written(tmp_path, [*rows(5), "777,10001,MUG,many,2011-07-01 12:00,1.25,France"])
    result = backfill(database, path)
    assert (result["written"], result["quarantined"], result["equal"]) == (5, 1, False)
    with database.unit() as unit:
        (aside,) = QuarantineStore(unit.session).open()
    assert (aside.external_id, aside.stream) == ("777", "file:orders.csv")
    assert aside.reason.endswith("Quantity: wanted a number; found 'many'")


def test_a_file_that_cannot_be_read_stores_nothing(database: Database, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="missing: InvoiceNo"):
        backfill(database, tmp_path / "bad.csv")


def test_whoever_imports_says_whose_orders_they_are(database: Database, postgres_url: str, file: Path) -> None:
    app = build(demo_values("http://127.0.0.1:9", postgres_url, file.parent))
    result = app.backfill_file("orders", file, UCI.name, account="old_shop", check=True)
    app.close()
    assert (result["account"], result["written"], result["equal"]) == ("old_shop", 60, True)
    with database.unit() as unit:
        assert OrderStore(unit.session).get(AccountId("old_shop"), OrderId("1")) is not None
        assert OrderStore(unit.session).get(ACCOUNT, OrderId("1")) is None


CHILD = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]).parent)]
from postgres_kit import VAULT
from test_backfill_file import Database, backfill
class Tell(list):
    def append(self, report):
        print(report.pages, flush=True)
backfill(Database(sys.argv[2], vault=lambda: VAULT), Path(sys.argv[3]), Tell(), lines=12)
"""


def test_killed_anywhere_and_resumed_nothing_is_lost_or_doubled(
    database: Database, postgres_url: str, file: Path
) -> None:
    dice = random.Random(20261101)
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent), postgres_url, str(file)]
    kills = 0
    for pages_before_kill in (0, 1, 2, dice.randint(1, 6), dice.randint(1, 6)):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(pages_before_kill):
                child.stdout.readline()
            child.kill()
        kills += child.returncode == -9
    assert kills >= 4
    result = backfill(database, file)
    assert result["equal"]
    assert result["store"]["lines"] == len(rows(60))


@pytest.mark.shared
def test_the_real_file_of_many_countries(database: Database, shared_dir: Path) -> None:
    path = shared_dir / "data" / "retail_uci_online" / "lines.parquet"
    result = backfill(database, path, lines=5000)
    assert (result["store"]["orders"], result["store"]["lines"]) == (23077, 318263)
    assert len(result["store"]["by_country"]) == 38
    assert result["file"] == result["store"]
    assert backfill(database, path)["pages"] == 0
