"""Login with Amazon: one grant for an access token, for whoever of Amazon's services wants one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed, Rejected, TerminalError
from platforms._shared.auth import Token
from platforms._shared.http import Http
from platforms._shared.payload import find

OPERATION: Final = "lwaToken"


def fetch(http: Http, url: str, clock: Clock, grant: Mapping[str, str]) -> Token:
    """LWA answers a wrong secret with 401 and a wrong refresh token with 400: both are credentials refused."""
    asked_at, platform = clock.now(), http.dialect.platform
    try:
        answer = http.send("POST", url, operation=OPERATION, write=False, form=grant)
    except Rejected as error:
        raise AuthFailed(platform, OPERATION, error.message, error.issues, error.status) from None
    value, ends_in_s = find(answer.parsed, "access_token"), find(answer.parsed, "expires_in")
    if not isinstance(value, str) or not isinstance(ends_in_s, int):
        raise TerminalError(platform, OPERATION, "an answer without access_token and expires_in: check LWA_URL")
    return Token(value, asked_at + timedelta(seconds=ends_in_s))
