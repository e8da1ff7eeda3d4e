from __future__ import annotations

import json

import httpx
import pytest
from pydantic import SecretStr

from ecom_agent.adapters.notify import WebhookNotifier
from ecom_agent.errors import TerminalError, TransientError


def test_a_webhook_gets_subject_and_text_as_json() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(204)

    _notifier(answer).notify("halted", "价格低于底线")
    assert json.loads(sent[0].content) == {"subject": "halted", "text": "价格低于底线"}


@pytest.mark.parametrize(
    ("status", "error"), [(429, TransientError), (503, TransientError), (404, TerminalError), (302, TerminalError)]
)
def test_a_refusal_says_whether_waiting_helps(status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=str(status)):
        _notifier(lambda _request: httpx.Response(status)).notify("halted", "why")


def _notifier(answer: object) -> WebhookNotifier:
    assert callable(answer)
    return WebhookNotifier(SecretStr("https://chat.example/hook"), httpx.Client(transport=httpx.MockTransport(answer)))
