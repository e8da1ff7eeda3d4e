"""The fake App's verbs for what calls us: a signature is "good", "old" or anything else, and a body is kept once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecom_agent.errors import AuthFailed, NotFound, ParseFailed, Replayed

SIGNATURE = "x-shopify-hmac-sha256"


class FakeDoor:
    calls: list[tuple[Any, ...]]
    _accounts: Sequence[tuple[str, str, tuple[str, ...]]]

    def receive_webhook(self, platform: str, account: str, headers: Mapping[str, str], raw: bytes) -> str:
        if (account, platform) not in {(name, kind) for name, kind, _ in self._accounts}:
            raise NotFound(f"no account {account!r} at {platform!r}")
        return self._taken(("webhook", platform, account, raw), headers.get(SIGNATURE))

    def answer_challenge(self, platform: str, account: str, code: str) -> Mapping[str, str]:
        if (platform, account) != ("ebay", "ebay_us"):
            raise NotFound(f"{platform} asks no challenge")
        return {"challengeResponse": f"proof of {code}"}

    def receive_chat(
        self, service: str, headers: Mapping[str, str], query: Mapping[str, str], raw: bytes
    ) -> tuple[str, str | None]:
        if service not in ("feishu", "wecom"):
            raise NotFound(f"no {service!r}")
        outcome = self._taken(("chat", service, raw), headers.get("sign") or query.get("sign"))
        return ("challenge", '{"challenge":"c"}') if raw == b"challenge" else (outcome, None)

    def confirm_chat(self, service: str, query: Mapping[str, str]) -> str:
        if service != "wecom":
            raise NotFound(f"no {service!r}")
        self._taken(("confirm", service), query.get("sign"))
        return query["echostr"]

    def _taken(self, call: tuple[Any, ...], signature: str | None) -> str:
        if signature == "old":
            raise Replayed("anybody", "call", "signed long ago")
        if signature != "good":
            raise AuthFailed("anybody", "call", "the signature does not fit")
        if call[-1] == b"no text":
            raise ParseFailed("body", "not JSON")
        seen = call in self.calls
        self.calls.append(call)
        return "duplicate" if seen else "accepted"
