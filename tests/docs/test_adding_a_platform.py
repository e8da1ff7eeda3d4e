"""docs/adding-a-platform.md is what it says: its files, as they stand, are a connector that keeps its promises."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

import platforms
from ecom_agent.clock import SystemClock
from ecom_agent.connector import Capability
from ecom_agent.errors import AuthFailed, NotFound, Rejected, TerminalError
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.records.orders import OrderStatus
from platforms import registry
from platforms._shared.throttle import Quota

REPO: Final = Path(__file__).resolve().parents[2]
PAGE: Final = REPO / "docs" / "adding-a-platform.md"
FILE: Final = re.compile(r"^### platforms/(?P<path>[\w./]+)\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
KEY, SHOP = "key-of-tea", MarketplaceId("tea.example")


def written(folder: Path) -> list[str]:
    """The page's files below `folder`; gives their paths."""
    found = list(FILE.finditer(PAGE.read_text(encoding="utf-8")))
    for one in found:
        file = folder / one["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(one["text"], encoding="utf-8")
    return [one["path"] for one in found]


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Path]:
    """The page's folder stands among the platforms, and is gone again afterwards."""
    written(tmp_path)
    platforms.__path__.append(str(tmp_path))
    registry.specs.cache_clear()
    yield tmp_path
    platforms.__path__.remove(str(tmp_path))
    registry.specs.cache_clear()
    for name in [name for name in sys.modules if name.startswith("platforms.teahouse")]:
        del sys.modules[name]


class Shop(ThreadingHTTPServer):
    """The made-up shop itself: three orders, two to a page, and units that can be set."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.units = {"POT-1": 9}
        self.orders = [_order(f"T-{n}", f"2026-11-03T1{n}:00:00Z") for n in range(3)]


class Desk(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        match address.path.split("/")[2:]:
            case ["orders"]:
                page = int(query.get("page", "1"))
                since = [o for o in self.server.orders if o["changed"] >= query.get("since", "")]
                rows, more = since[2 * page - 2 : 2 * page], len(since) > 2 * page
                self._say(200, {"orders": rows, "next": str(page + 1) if more else None})
            case ["orders", name]:
                found = [order for order in self.server.orders if order["id"] == name]
                self._say(200, found[0]) if found else self._say(404, {"errors": []})
            case ["items"]:
                self._say(200, {"items": [self._item(sku) for sku in self.server.units]})
            case ["items", sku] if sku in self.server.units:
                self._say(200, self._item(sku))
            case _:
                self._say(404, {"errors": [{"code": "gone", "message": "no such thing"}]})

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sku = self.path.split("/")[3]
        if body["was"] != self.server.units[sku]:
            self._say(409, {"errors": [{"code": "stale", "message": f"there are {self.server.units[sku]}"}]})
            return
        self.server.units[sku] = body["units"]
        self._say(200, self._item(sku))

    def _item(self, sku: str) -> dict[str, Any]:
        price = {"amount": "12.50", "currency": "EUR"}
        item = {"sku": sku, "title": "Pot", "on_sale": True, "price": price, "changed": "2026-11-03T10:00:00Z"}
        return {**item, "units": self.server.units[sku]}

    def _say(self, status: int, body: Any) -> None:
        if self.headers["X-Key"] != KEY:
            status, body = 401, {"errors": [{"code": "key", "message": "wrong key"}]}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_said: object) -> None: ...


def _order(name: str, changed: str) -> dict[str, Any]:
    price = {"amount": "12.50", "currency": "EUR"}
    line = {"no": 1, "sku": "POT-1", "title": "Pot", "units": 1, "price": price}
    times = {"placed": "2026-11-03T08:00:00Z", "changed": changed}
    return {"id": name, **times, "state": "new", "country": "DE", "total": price, "lines": [line]}


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def opened(shop: Shop, key: str = KEY) -> Any:
    clock = SystemClock()
    values = {"SHOP": SHOP, "KEY": key, "BASE_URL": f"http://127.0.0.1:{shop.server_address[1]}"}
    return registry.open("teahouse", AccountId("tea"), values, clock, Quota(clock))


def test_the_page_shows_every_file_of_the_folder(tmp_path: Path) -> None:
    paths = written(tmp_path)
    names = {"__init__", "settings", "parse", "connector"}
    assert {p for p in paths if p.endswith(".py")} == {f"teahouse/{name}.py" for name in names}
    assert "teahouse/README.md" in paths
    assert len(paths) == len(set(paths)) >= 10


def test_the_registry_finds_it_and_it_talks_to_its_shop(found: Path, shop: Shop) -> None:
    assert "teahouse" in registry.specs()
    assert Capability.WRITE_PRICE not in registry.spec("teahouse").capabilities
    tea = opened(shop)
    pages = list(tea.pull_orders(None))
    assert [[o.order_id for o in page.records] for page in pages] == [["T-0", "T-1"], ["T-2"]]
    assert all(o.status is OrderStatus.UNSHIPPED and o.account == "tea" for page in pages for o in page.records)
    assert [o.order_id for page in tea.pull_orders(pages[0].next_cursor) for o in page.records] == ["T-1", "T-2"]
    assert tea.get_order(OrderId("T-1")) == pages[0].records[1]
    ((level,),) = [page.records for page in tea.pull_stock(None)]
    assert tea.set_stock(level, 7, idempotency_key="a").details == {"units": "7"}
    assert tea.live_stock(Sku("POT-1"), SHOP, level.location) == shop.units["POT-1"] == 7
    with pytest.raises(Rejected, match="there are 7"):
        tea.set_stock(level, 5, idempotency_key="b")
    assert tea.live_stock(Sku("CUP-1"), SHOP, level.location) is None
    with pytest.raises((NotFound, TerminalError)):
        tea.get_order(OrderId("T-9"))
    with pytest.raises(AuthFailed):
        opened(shop, "another key").get_order(OrderId("T-1"))
    tea.close()


def test_it_keeps_the_promises_of_all_connectors(tmp_path: Path) -> None:
    """The contract tests as they are, in a process of their own in which the page's folder is a platform."""
    written(tmp_path / "platforms")
    plugin = f"import platforms\nplatforms.__path__.insert(0, {str(tmp_path / 'platforms')!r})\n"
    (tmp_path / "with_teahouse.py").write_text(plugin, encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), str(REPO), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "with_teahouse", "-p", "no:cacheprovider", "-k", "teahouse",
         f"--basetemp={tmp_path / 'base'}", "tests/contracts/test_connectors.py",
         "tests/contracts/test_connectors_refused.py"],
        cwd=REPO, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    told = re.search(r"(\d+) passed", done.stdout)
    assert told is None or int(told[1]) > 20
    assert done.stdout.count(".") > 20


def test_its_code_is_as_ours(tmp_path: Path) -> None:
    written(tmp_path / "platforms")
    ours = 'lint.isort.known-first-party=["ecom_agent", "platforms"]'
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", *command, "--config", str(REPO / "pyproject.toml"), "--config", ours, "platforms"],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
