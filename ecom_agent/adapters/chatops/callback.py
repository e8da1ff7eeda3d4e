"""What a work chat told us, once its signature was checked."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from ecom_agent.errors import AuthFailed, ParseFailed

OPERATION = "callback"


@dataclass(frozen=True, slots=True)
class Callback:
    """`dedupe_id` is the same for every delivery: a second one is a replay. `body` is plain JSON or XML.

    It may hold persons' words: it is never logged. `answer` is what must be answered at once (a challenge), if any.
    `signed_at` is the time that the signature covers; None only for a challenge that came without one.
    """

    dedupe_id: str
    body: bytes = field(repr=False)
    signed_at: datetime | None
    answer: str | None = None


class ChatDoor(Protocol):
    def read(self, headers: Mapping[str, str], query: Mapping[str, str], raw: bytes, now: datetime) -> Callback:
        """A call of the chat. Raises AuthFailed for a wrong signature, ParseFailed for what cannot be read."""
        ...


@runtime_checkable
class ConfirmsAddress(Protocol):
    def confirm(self, query: Mapping[str, str]) -> Callback:
        """The chat's question whether this address is ours; the same errors."""
        ...


def must_equal(platform: str, wanted: str, given: str, fix: str) -> None:
    """Raises AuthFailed where the signature does not fit. Takes the same time for every wrong one."""
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise AuthFailed(platform, OPERATION, f"the signature does not fit: check {fix}; the call is refused")


def moment(platform: str, stamp: str, *, per_s: int = 1) -> datetime:
    """The signed time, told in seconds since 1970, or in parts of them. Raises AuthFailed for what is no time."""
    try:
        if not (stamp.isascii() and stamp.isdecimal()):
            raise ValueError
        return datetime.fromtimestamp(int(stamp) / per_s, UTC)
    except (ValueError, OverflowError, OSError):
        raise AuthFailed(platform, OPERATION, "its time is none; the call is refused") from None


def unpadded(plain: bytes, block: int) -> bytes:
    """Without its PKCS7 padding to `block` bytes. Raises ParseFailed where it has none."""
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= block or plain[-pad:] != bytes([pad]) * pad:
        raise ParseFailed("encrypt", "no text under this key: check the key")
    return plain[:-pad]
