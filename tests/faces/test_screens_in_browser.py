"""Every screen in a real browser: it draws, there is no error box, and there is a picture to look at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ports_kit import free_port

pytestmark = [pytest.mark.browser, pytest.mark.services]
HERE = Path(__file__).resolve().parent
MAIN = HERE.parent.parent / "dashboards" / "main.py"
SCREENS = {
    "overview": "Automated changes",
    "pricing": "Decisions",
    "rules": "decisions differ",
    "lab": "Pedigree",
    "backtest": "more than luck",
    "approvals": "waiting",
    "stock": "shown too often",
    "inbox": "conversations wait for an answer",
    "bindings": "may belong to a product of ours",
    "imports": "nothing is written until you say so",
    "sync": "does not offer",
    "policies": "values that you set stay",
    "audit": "The chain is whole",
    "health": "Halt switch",
}
WAIT_MS = 60_000


def started(shop: str) -> tuple[subprocess.Popen[bytes], str]:
    """A console over the fake App, ready to be asked."""
    port = free_port()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE / "fake_site"), str(HERE.parent.parent)])}
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(MAIN), "--server.port", str(port)],
        env={**env, "FAKE_SHOP": shop},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.2)
        else:
            return process, url
    process.kill()
    raise AssertionError("the console did not come up within 60 s")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is left out of the slim profile")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    flags = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    with playwright.sync_playwright() as p:
        if chromium is None and not Path(p.chromium.executable_path).exists():
            pytest.skip("no Chromium here: install the package chromium, or run `playwright install chromium`")
        running = p.chromium.launch(executable_path=chromium, args=flags)
        yield running
        running.close()


@pytest.fixture(scope="module", params=["busy", "empty"])
def console(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    process, url = started(request.param)
    yield request.param, url
    process.terminate()
    process.wait(20)


@pytest.mark.parametrize("screen", SCREENS)
def test_screen_draws_without_an_error(
    browser: Any, console: tuple[str, str], screen: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop, url = console
    page = browser.new_page(viewport={"width": 1440, "height": 1700})
    try:
        page.goto(url if screen == "overview" else f"{url}/{screen}", timeout=WAIT_MS)
        page.get_by_role("heading", level=1).wait_for(timeout=WAIT_MS)
        expected = SCREENS[screen] if shop == "busy" else ("No ", "Nothing ")
        texts = [expected] if isinstance(expected, str) else list(expected)
        page.wait_for_function(
            "texts => texts.some(t => document.body.innerText.includes(t))", arg=texts, timeout=WAIT_MS
        )
        page.wait_for_function(
            "() => !document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton]')", timeout=WAIT_MS
        )
        folder = Path(os.environ.get("ECOM_SCREENSHOTS") or tmp_path_factory.getbasetemp() / "screens")
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{screen}-{shop}.png", full_page=True)
        body = page.inner_text("body")
        assert page.locator("[data-testid=stException]").count() == 0
        assert page.locator("[data-testid=stAlertContentError]").count() == 0, body
        assert "Traceback" not in body
        if shop == "empty":
            assert page.locator(".js-plotly-plot").count() == 0, "an empty chart"
    finally:
        page.close()
