"""What a work chat told us, once its signature was checked."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from ecom_agent.errors import AuthFailed, ParseFailed

OPERATION = "callback"


@dataclass(frozen=True, slots=True)
class Callback:
    """`dedupe_id` is the same for every delivery: a second one is a replay. `body` is plain JSON or XML.

    It may hold persons' words: it is never logged. `answer` is what must be answered at once (a challenge), if any.
    """

    dedupe_id: str
    body: bytes = field(repr=False)
    answer: str | None = None


def must_equal(platform: str, wanted: str, given: str, fix: str) -> None:
    """Raises AuthFailed where the signature does not fit. Takes the same time for every wrong one."""
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise AuthFailed(platform, OPERATION, f"the signature does not fit: check {fix}; the call is refused")


def unpadded(plain: bytes, block: int) -> bytes:
    """Without its PKCS7 padding to `block` bytes. Raises ParseFailed where it has none."""
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= block or plain[-pad:] != bytes([pad]) * pad:
        raise ParseFailed("encrypt", "no text under this key: check the key")
    return plain[:-pad]
