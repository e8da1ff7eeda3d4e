"""Alerts and dashboard speak of metrics that exist, and every alert leads to a runbook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecom_agent.api import metrics
from ecom_agent.records.views import Health, ProcessHealth, QuotaHealth, StreamHealth

REPO = Path(__file__).resolve().parents[2]
ALERTS = yaml.safe_load((REPO / "deploy/prometheus-alerts.yaml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]


def _expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    dashboard: dict[str, Any] = json.loads((REPO / "deploy/grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"] + " " + target["legendFormat"]


def _series() -> dict[str, set[str]]:
    """What a scrape of a system with one of each thing has: each series by name, with its labels."""
    at = datetime(2026, 1, 5, tzinfo=UTC)
    seen = Health(
        at=at,
        mode="live",
        streams=(StreamHealth("amazon_us", "orders", None, at, at, None, 0, 0, 0, 5),),
        quotas=(QuotaHealth("amazon_us", "searchOrders", 1.0, 1.0, 1.0, 0, at),),
        processes=(ProcessHealth("lane", 1, "running", 0, None, at),),
        halts=(),
        paused_accounts=(),
        database="",
    )
    samples = [sample for family in metrics.Scrape(seen).collect() for sample in family.samples]
    return {sample.name: set(sample.labels) for sample in samples}


@pytest.mark.parametrize(("where", "expression"), list(_expressions()))
def test_every_expression_uses_metrics_and_labels_that_exist(where: str, expression: str) -> None:
    series = _series()
    used = set(re.findall(r"\becom_\w+", expression))
    assert used <= set(series), where
    labels = {label for name in used for label in series[name]}
    asked = {x.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for x in group.split(",")}
    asked |= set(re.findall(r"{{(\w+)}}", expression))
    asked |= {match for match in re.findall(r"(\w+)=~?\"", expression) if match != "job"}
    assert asked <= labels, where


def test_every_figure_of_a_scrape_is_shown() -> None:
    shown = " ".join(expression for _, expression in _expressions())
    assert [name for name in _series() if name not in shown] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_leads_to_a_runbook_and_names_labels_it_has(rule: dict[str, Any]) -> None:
    assert (REPO / rule["annotations"]["runbook"]).is_file()
    told = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    first = re.search(r"\becom_\w+", rule["expr"])
    assert first is not None
    assert told <= _series()[first.group()]


def test_runbooks_name_only_alerts_that_exist() -> None:
    texts = "".join(page.read_text(encoding="utf-8") for page in (REPO / "docs/runbooks").glob("*.md"))
    assert set(re.findall(r"\bEcom[A-Z]\w+", texts)) <= {rule["alert"] for rule in RULES}
