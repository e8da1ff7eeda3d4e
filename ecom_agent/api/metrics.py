"""GET /metrics: this process's counters, and gauges read from the App at each scrape.

Counters of the lane and the flows live in their own processes; what the whole system is judged by is in the
database, and so in the gauges here.
"""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest

from ecom_agent.api.health import lag_s
from ecom_agent.errors import EcomError
from ecom_agent.records.views import Health
from ecom_agent.telemetry import LAG

router = APIRouter()


@router.get("/metrics")
def metrics() -> Response:
    """Prometheus text. `ecom_up` 0 = the App cannot be asked; the process's own counters still come."""
    from ecom_agent.wiring import app

    scrape = CollectorRegistry()
    up = Gauge("ecom_up", "1 while App and database answer", registry=scrape)
    LAG.clear()
    try:
        read(app().health(), scrape)
        up.set(1)
    except EcomError:
        up.set(0)
    return Response(generate_latest(REGISTRY) + generate_latest(scrape), media_type=CONTENT_TYPE_LATEST)


def read(seen: Health, scrape: CollectorRegistry) -> None:
    """One scrape's gauges. A registry of its own, so that what is gone from the system is gone from here."""

    def gauge(name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"ecom_{name}", meaning, labels, registry=scrape)

    every = gauge("stream_every_seconds", "How often a stream is wanted", "account", "stream")
    failing = gauge("stream_failing", "1 while the last pull failed", "account", "stream")
    for s in seen.streams:
        if (lag := lag_s(s.last_ok_at, seen.at)) is not None:
            LAG.labels(s.account, s.stream).set(lag)
        every.labels(s.account, s.stream).set(60 * s.every_minutes)
        failing.labels(s.account, s.stream).set(s.last_error is not None)
    tokens = gauge("quota_tokens", "Calls left now", "account", "operation")
    throttled = gauge("quota_throttled", "Times the platform said: too many", "account", "operation")
    for q in seen.quotas:
        tokens.labels(q.account, q.operation).set(q.tokens)
        throttled.labels(q.account, q.operation).set(q.throttled)
    running = gauge("process_running", "1 while the supervisor sees it run", "name")
    restarts = gauge("process_restarts", "Restarts since the supervisor began", "name")
    for p in seen.processes:
        running.labels(p.name).set(p.state == "running")
        restarts.labels(p.name).set(p.restarts)
    gauge("halts", "Halts in force").set(len(seen.halts))
    gauge("paused_accounts", "Accounts whose credentials are refused").set(len(seen.paused_accounts))
