"""GET /metrics: the counters of all processes, and gauges read from the App at each scrape.

What the whole system is judged by is in the database, and so in the gauges here.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ecom_agent.api.counters import counters
from ecom_agent.api.health import lag_s
from ecom_agent.errors import EcomError
from ecom_agent.records.views import Health

router = APIRouter()


@router.get("/metrics")
def metrics() -> Response:
    """Prometheus text. `ecom_up` 0 = the App cannot be asked; the counters still come."""
    from ecom_agent.wiring import app

    try:
        seen = app().health()
    except EcomError:
        seen = None
    scrape = CollectorRegistry()
    scrape.register(Scrape(seen))
    return Response(counters() + generate_latest(scrape), media_type=CONTENT_TYPE_LATEST)


class Scrape(Collector):
    """One scrape's gauges: what is gone from the system is gone from here. None = the App could not be asked."""

    def __init__(self, seen: Health | None) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("ecom_up", "1 while App and database answer", value=float(self._seen is not None))
        if self._seen is not None:
            yield from gauges(self._seen)


def gauges(seen: Health) -> Iterator[Metric]:
    def gauge(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"ecom_{name}", meaning, labels=labels)

    lag = gauge("stream_lag_seconds", "Age of the newest committed cursor", "account", "stream")
    every = gauge("stream_every_seconds", "How often a stream is wanted", "account", "stream")
    failing = gauge("stream_failing", "1 while the last pull failed", "account", "stream")
    gap = gauge("stream_not_whole", "1 while not all of it is here, or it fell silent", "account", "stream")
    for s in seen.streams:
        if (behind := lag_s(s.last_ok_at, seen.at)) is not None:
            lag.add_metric((s.account, s.stream), behind)
        every.add_metric((s.account, s.stream), 60 * s.every_minutes)
        failing.add_metric((s.account, s.stream), s.last_error is not None)
        gap.add_metric((s.account, s.stream), s.alarm is not None)
    tokens = gauge("quota_tokens", "Calls left now", "account", "operation")
    throttled = gauge("quota_throttled", "Times the platform said: too many", "account", "operation")
    for q in seen.quotas:
        tokens.add_metric((q.account, q.operation), q.tokens)
        throttled.add_metric((q.account, q.operation), q.throttled)
    running = gauge("process_running", "1 while the supervisor sees it run", "name")
    restarts = gauge("process_restarts", "Restarts since the supervisor began", "name")
    for p in seen.processes:
        running.add_metric((p.name,), p.state == "running")
        restarts.add_metric((p.name,), p.restarts)
    yield from (lag, every, failing, gap, tokens, throttled, running, restarts)
    yield GaugeMetricFamily("ecom_halts", "Halts in force", value=len(seen.halts))
    yield GaugeMetricFamily(
        "ecom_paused_accounts", "Accounts whose credentials are refused", value=len(seen.paused_accounts)
    )
