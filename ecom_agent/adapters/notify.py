"""Telling a person: into the log, or by a webhook."""

from __future__ import annotations

from typing import Final

import httpx
from pydantic import SecretStr

from ecom_agent.errors import TerminalError, TransientError
from ecom_agent.telemetry import log

WAIT_S: Final = 10.0


class LogNotifier:
    """The stand-in: a warning in the log, where whoever watches it will see it."""

    def notify(self, subject: str, text: str) -> None:
        log(__name__).warning("notification", subject=subject, text=text)


class WebhookNotifier:
    """POSTs {"subject", "text"} as JSON. The address is a secret: chat services put the key into it."""

    def __init__(self, address: SecretStr, client: httpx.Client | None = None) -> None:
        self._address = address
        self._client = client or httpx.Client(timeout=WAIT_S, follow_redirects=False)

    def notify(self, subject: str, text: str) -> None:
        """Raises TransientError (no answer, 429, 5xx) or TerminalError (other refusals), never with the address."""
        try:
            answer = self._client.post(self._address.get_secret_value(), json={"subject": subject, "text": text})
        except httpx.HTTPError as error:
            raise TransientError("webhook", "notify", f"no answer ({type(error).__name__})") from None
        if answer.is_success:
            return
        kind = TransientError if answer.status_code == 429 or answer.status_code >= 500 else TerminalError
        raise kind("webhook", "notify", f"answered {answer.status_code}")
