"""Alerts and dashboard speak of metrics that exist, and every alert leads to a runbook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from ecom_agent import telemetry

REPO = Path(__file__).resolve().parents[2]
ALERTS = yaml.safe_load((REPO / "deploy/prometheus-alerts.yaml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
METRICS = [metric for metric in vars(telemetry).values() if isinstance(metric, MetricWrapperBase)]


def _expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    dashboard: dict[str, Any] = json.loads((REPO / "deploy/grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"] + " " + target["legendFormat"]


def _series() -> dict[str, set[str]]:
    """Each series by the name Prometheus sees, with its labels."""
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    found: dict[str, set[str]] = {}
    for metric in METRICS:
        (family,) = metric.describe()
        for suffix in suffixes.get(family.type, ("",)):
            found[family.name + suffix] = {*metric._labelnames, *(("le",) if isinstance(metric, Histogram) else ())}
    return found


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


def test_every_metric_is_shown() -> None:
    shown = " ".join(expression for _, expression in _expressions())
    assert [m.describe()[0].name for m in METRICS if m.describe()[0].name not in shown] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_leads_to_a_runbook_and_names_labels_it_has(rule: dict[str, Any]) -> None:
    assert (REPO / rule["annotations"]["runbook"]).is_file()
    kept = re.search(r"by \(([^)]*)\)", rule["expr"])
    if kept:
        told = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert told <= {label.strip() for label in kept.group(1).split(",")}
