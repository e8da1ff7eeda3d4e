"""Faults on demand, drawn from a stream of their own: what the field really saw happen to its integrations.

Each fault is a chance by name. Those of the world (notices, prices) are drawn while it ticks and are replayed
with it; those of the wire (429, 500, dropped answers, tokens) are drawn per request and are not.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ecom_agent.errors import BadInput

NAMES: Final[dict[str, str]] = {
    "throttled": "429 although the bucket has tokens",
    "server_error": "500 on a read",
    "server_error_on_write": "500 on a write, which was not done",
    "timeout_after_write": "a write is done and its answer never comes",
    "duplicate_events": "a notification comes two to ten times",
    "reordered_events": "a notification is overtaken by later ones",
    "late_events": "a notification comes hours late, up to a day",
    "lost_events": "a notification never comes",
    "silent_asins": "a product page of which nothing is ever told",
    "not_applied": "a price is accepted and never goes live",
    "expiring_tokens": "an access token is refused before its time, in the middle of a pull",
    "extra_fields": "records carry fields that no schema knows",
    "poison_record": "one record of a page is malformed",
    "stale_stock": "a further channel sells up to the quantity set there, whatever we have: it can oversell",
    "late_updates": "an order of a further channel shows a change minutes after the moment that it is stamped with",
    "clock_skew": "a further channel's clock is up to 90 seconds off, its stamps with it",
    "unknown_status": "one record of a page has a status word that no documentation knows",
    "forged_webhooks": "a webhook comes a second time, changed, with the signature of the first",
    "revoked_tokens": "a refresh token or key is refused for good: a person must connect the account anew",
    "stuck_report": "a report is accepted and never done",
    "failed_feed_lines": "some lines of an accepted feed are refused",
    "fatal_feed": "a feed of Amazon's ends as FATAL, nothing of it done and without a report",
    "truncated_gzip": "a compressed file ends in the middle",
}
_MILD = {
    "throttled": 0.01,
    "server_error": 0.01,
    "duplicate_events": 0.08,
    "reordered_events": 0.1,
    "lost_events": 0.02,
}
_ALL = {
    "throttled": 0.03,
    "server_error": 0.02,
    "server_error_on_write": 0.02,
    "timeout_after_write": 0.03,
    "duplicate_events": 0.10,
    "reordered_events": 0.15,
    "late_events": 0.02,
    "lost_events": 0.10,
    "silent_asins": 0.10,
    "not_applied": 0.03,
    "expiring_tokens": 0.01,
    "extra_fields": 0.20,
    "poison_record": 0.02,
    "stale_stock": 0.10,
    "late_updates": 0.05,
    "clock_skew": 0.50,
    "unknown_status": 0.02,
    "forged_webhooks": 0.05,
    "stuck_report": 0.10,
    "failed_feed_lines": 0.05,
    "fatal_feed": 0.05,
    "truncated_gzip": 0.05,
}
_NEEDS_A_PERSON = {"revoked_tokens": 1.0}  # not in "all": an account that it hits stands still until somebody acts
MOST_SKEW_S: Final = 90
PRESETS: Final[dict[str, dict[str, float]]] = {"none": {}, "mild": _MILD, "all": _ALL}


def read(text: str) -> dict[str, float]:
    """The chances that a command line asks for: a preset, or names such as `lost_events,throttled=0.5`.

    Raises BadInput for a name that is not in the table.
    """
    if text in PRESETS:
        return dict(PRESETS[text])
    chosen: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, chance = part.strip().partition("=")
        if name not in NAMES:
            raise BadInput("a fault by name", repr(name), f"use none, mild, all or of: {', '.join(NAMES)}")
        chosen[name] = float(chance) if chance else {**_ALL, **_NEEDS_A_PERSON}[name]
    return chosen


@dataclass(slots=True)
class FaultPlan:
    """The chances in force; it is part of the world, so that a restart keeps them."""

    chances: dict[str, float] = field(default_factory=dict)

    def set(self, chances: Mapping[str, float]) -> None:
        self.chances = dict(chances)

    def strikes(self, name: str, dice: random.Random) -> bool:
        """Draws only when the fault is on: other faults' luck does not depend on it being there."""
        chance = self.chances.get(name, 0.0)
        return chance > 0 and dice.random() < chance

    def deliveries(self, now: datetime, dice: random.Random) -> list[datetime]:
        """When each copy of a notification becomes visible; empty = it is lost."""
        if self.strikes("lost_events", dice):
            return []
        due = now
        if self.strikes("reordered_events", dice):
            due += timedelta(seconds=dice.uniform(30, 600))
        if self.strikes("late_events", dice):
            due += timedelta(hours=dice.uniform(1, 24))
        copies = dice.randint(2, 10) if self.strikes("duplicate_events", dice) else 1
        return [due + timedelta(seconds=dice.uniform(0, 300) if copy else 0) for copy in range(copies)]

    def skew(self, channel: str, seed: int) -> timedelta:
        """How far a channel's clock is off: the same all the time."""
        dice = random.Random(f"{seed}/skew/{channel}") if self.chances.get("clock_skew") else None
        if dice is None or not self.strikes("clock_skew", dice):
            return timedelta()
        return timedelta(seconds=round(dice.uniform(-MOST_SKEW_S, MOST_SKEW_S)))

    def silences(self, asin: str, seed: int) -> bool:
        """Whether a page tells nothing: the same pages all the time."""
        return self.strikes("silent_asins", random.Random(f"{seed}/silent/{asin}"))
