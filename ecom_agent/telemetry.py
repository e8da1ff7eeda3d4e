"""Logs and metrics, set up once. Log an event with fields, once, where it is handled."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

SECRET_WORDS = ("token", "secret", "password", "authorization", "credential", "api_key")


def _mask_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last line of defence: a field whose name smells of a secret never gets out."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "***"
    return event


def set_up(level: str = "INFO", *, as_json: bool = False) -> None:
    """Configure structlog, and Python's own logging through it, on stderr: stdout belongs to the commands' answers."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mask_secrets,
    ]
    # The console's richer traceback prints local variables: secrets and buyers' data among them.
    plain = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    render: Any = structlog.processors.JSONRenderer() if as_json else plain
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),  # the stderr of then, not of now
        cache_logger_on_first_use=False,
    )
    handler = _ToStderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _mask_secrets, render],
        )
    )
    logging.basicConfig(
        handlers=[handler], level=max(logging.getLevelNamesMapping()[level], logging.WARNING), force=True
    )


class _ToStderr(logging.StreamHandler[Any]):
    """Writes to whatever stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def log(name: str) -> Any:
    """A logger for one module."""
    return structlog.get_logger(name)


EVENTS_IN = Counter("ecom_events_in_total", "Notifications received", ["platform", "type"])
DECISIONS = Counter("ecom_decisions_total", "Pricing decisions by outcome", ["outcome"])
ACTIONS = Counter("ecom_actions_total", "Actions by the state they reached", ["kind", "state"])
DEAD_LETTERS = Counter("ecom_dead_letters_total", "Notifications given up after some tries", ["platform"])
MISMATCHES = Counter("ecom_mismatches_total", "Changes that were not there when read back", ["kind", "account"])
EVENT_SECONDS = Histogram("ecom_event_seconds", "From a notification in hand to the platform's answer", ["platform"])
RECORDS_IN = Counter("ecom_records_in_total", "Records written by ingest", ["account", "stream"])
QUARANTINED = Counter(
    "ecom_quarantined_total", "Records set aside because they could not be read", ["account", "stream"]
)
WINDOWS = Counter("ecom_windows_total", "Windows of sync by what became of them", ["account", "stream", "outcome"])
CALLS = Counter("ecom_platform_calls_total", "Calls to platforms by outcome", ["platform", "operation", "status"])
SEND_SECONDS = Histogram("ecom_send_seconds", "From approval to the platform's answer", ["kind"])
