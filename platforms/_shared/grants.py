"""OAuth 2's token endpoint: one grant for an access token, wherever a vendor has such a door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed, Rejected, TerminalError
from platforms._shared.auth import Token
from platforms._shared.http import Http
from platforms._shared.payload import find


def fetch(
    http: Http,
    url: str,
    clock: Clock,
    grant: Mapping[str, str],
    *,
    operation: str,
    setting: str,
    headers: Mapping[str, str] | None = None,
) -> Token:
    """A new token; `setting` is the one that says where the endpoint is.

    Vendors answer a wrong secret with 401 and a wrong refresh token with 400: both are AuthFailed. Raises TerminalError
    for an answer of another shape.
    """
    asked_at, platform = clock.now(), http.dialect.platform
    try:
        answer = http.send("POST", url, operation=operation, write=False, form=grant, headers=headers)
    except Rejected as error:
        raise AuthFailed(platform, operation, error.message, error.issues, error.status) from None
    value, ends_in_s = find(answer.parsed, "access_token"), find(answer.parsed, "expires_in")
    if not isinstance(value, str) or not isinstance(ends_in_s, int):
        raise TerminalError(platform, operation, f"an answer without access_token and expires_in: check {setting}")
    return Token(value, asked_at + timedelta(seconds=ends_in_s))
