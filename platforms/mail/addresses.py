"""Who a mail is from or to, which order it names, which thread it belongs to. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

_RELAY: Final = re.compile(r"(?i:[^@\s]+@(?:[a-z0-9-]+\.)*marketplace\.amazon\.(?:[a-z]{2,3}|com?\.[a-z]{2}))")
_AMAZON_ORDER: Final = re.compile(r"(?<![\d-])\d{3}-\d{7}-\d{7}(?![\d-])")
_SENDABLE: Final = re.compile(r"[^@\s<>\"(),:;\\\[\]]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")


def is_relay(address: str) -> bool:
    """Amazon's stand-in for a buyer's address: mail to it reaches the buyer, who stays unknown to us."""
    return _RELAY.fullmatch(address) is not None


def can_be_written_to(address: str) -> bool:
    """One plain address: nothing in it could start another header or name a second recipient."""
    return _SENDABLE.fullmatch(address) is not None and len(address) <= 254


def order_named(subject: str, text: str, *, relay: bool, pattern: str | None) -> str | None:
    """The order that the mail is about: by the shop's own pattern in the subject, for relay mail Amazon's order id,
    in the subject or else the text. None where there is none, or several and nobody can tell."""
    if pattern is not None and (found := re.search(pattern, subject)) is not None:
        return found.group(1) if found.re.groups else found.group()
    if not relay:
        return None
    for part in (subject, text):
        ids = set(_AMAZON_ORDER.findall(part))
        if ids:
            return ids.pop() if len(ids) == 1 else None
    return None


def thread(message_id: str, references: Sequence[str], in_reply_to: Sequence[str], relay: str | None) -> str:
    """The name of a conversation. It is shown and kept in the audit, so it is a digest: no address, no Message-ID.

    Mail over a relay belongs to its relay address, as Amazon gives one for a buyer and us; all other mail to the
    first mail of its thread.
    """
    root = relay.lower() if relay is not None else next(iter((*references, *in_reply_to)), message_id)
    return hashlib.sha256(root.encode("utf-8", "replace")).hexdigest()[:32]
