"""Logs and metrics, set up once. Log an event with fields, once, where it is handled."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

SECRET_WORDS = ("token", "secret", "password", "authorization", "credential", "api_key")


def _mask_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last line of defence: a field whose name smells of a secret never gets out."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "***"
    return event


def set_up(level: str = "INFO", *, as_json: bool = False) -> None:
    """Configure structlog on stderr: stdout belongs to the commands' answers."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask_secrets,  # type: ignore[list-item]
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),  # the richer one prints local variables: secrets and buyers' data among them
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def log(name: str) -> Any:
    """A logger for one module."""
    return structlog.get_logger(name)


EVENTS_IN = Counter("ecom_events_in_total", "Notifications received", ["platform", "type"])
DECISIONS = Counter("ecom_decisions_total", "Pricing decisions by outcome", ["outcome"])
ACTIONS = Counter("ecom_actions_total", "Actions by the state they reached", ["kind", "state"])
RECORDS_IN = Counter("ecom_records_in_total", "Records written by ingest", ["account", "stream"])
QUARANTINED = Counter(
    "ecom_quarantined_total", "Records set aside because they could not be read", ["account", "stream"]
)
CALLS = Counter("ecom_platform_calls_total", "Calls to platforms by outcome", ["platform", "operation", "status"])
LAG = Gauge("ecom_stream_lag_seconds", "Age of the newest committed cursor", ["account", "stream"])
SEND_SECONDS = Histogram("ecom_send_seconds", "From approval to the platform's answer", ["kind"])
