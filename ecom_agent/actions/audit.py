"""The audit: append-only events, each sealed with the digest of the one before it.

digest = sha256(previous digest + canonical event). Changing, dropping or swapping an event breaks every later seal;
cutting off the end shows only against a head kept elsewhere, so `head` is part of every report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from ecom_agent.ids import ActionKey
from ecom_agent.records.views import AuditReport

GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One step. `detail` is JSON data: reasons, policy version, digests; never a secret or a buyer's data."""

    at: datetime
    action_key: ActionKey | None
    step: str
    actor: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event at its place in the chain; `seq` counts from 1 without gaps."""

    seq: int
    event: AuditEvent
    previous: str
    digest: str


def canonical(seq: int, event: AuditEvent) -> bytes:
    """The one way to write an event: UTC, sorted keys, no spaces."""
    opening, detail = unnumbered(event)
    return b"[%d%b%b]" % (seq, opening, detail)


def unnumbered(event: AuditEvent) -> tuple[bytes, bytes]:
    """What follows an event's number in `canonical`: all before its detail, and the detail."""
    opening = orjson.dumps((event.at.astimezone(UTC).isoformat(), event.action_key, event.step, event.actor))
    return b",%b," % opening[1:-1], orjson.dumps(dict(event.detail), option=orjson.OPT_SORT_KEYS)


def seal(event: AuditEvent, after: Sealed | None) -> Sealed:
    """`event` as the next link `after` the newest one (None = the chain is empty)."""
    seq, previous = (1, GENESIS) if after is None else (after.seq + 1, after.digest)
    return Sealed(seq, event, previous, _digest(seq, event, previous))


def verify(chain: Iterable[Sealed]) -> AuditReport:
    """Check a whole chain, oldest first; the report names the first event that does not fit."""
    seq, head = 0, GENESIS
    for link in chain:
        reason = _misfit(link, seq, head)
        if reason is not None:
            return AuditReport(ok=False, events=seq, head=head, broken_at=link.seq, reason=reason)
        seq, head = link.seq, link.digest
    return AuditReport(ok=True, events=seq, head=head if seq else None, broken_at=None, reason=None)


def _misfit(link: Sealed, seq: int, head: str) -> str | None:
    if link.seq != seq + 1:
        return f"event {seq + 1} is missing: found {link.seq} after {seq}"
    if link.previous != head:
        return f"event {link.seq} does not follow event {seq}"
    if link.digest != _digest(link.seq, link.event, link.previous):
        return f"event {link.seq} is not what was sealed"
    return None


def _digest(seq: int, event: AuditEvent, previous: str) -> str:
    return hashlib.sha256(previous.encode() + canonical(seq, event)).hexdigest()
