"""The three work chats, each with its secrets, as the door for chats asks them (`ChatDoor`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecom_agent.adapters.chatops import dingtalk, feishu, wecom
from ecom_agent.adapters.chatops.callback import Callback


@dataclass(frozen=True, slots=True)
class DingTalk:
    secret: str = field(repr=False)

    def read(self, headers: Mapping[str, str], query: Mapping[str, str], raw: bytes, now: datetime) -> Callback:
        return dingtalk.read(self.secret, headers, raw, now=now)


@dataclass(frozen=True, slots=True)
class Feishu:
    encrypt_key: str = field(repr=False)
    token: str = field(repr=False)

    def read(self, headers: Mapping[str, str], query: Mapping[str, str], raw: bytes, now: datetime) -> Callback:
        return feishu.read(self.encrypt_key, headers, raw, token=self.token)


@dataclass(frozen=True, slots=True)
class WeCom:
    """Raises ConfigError for an AES key that is none."""

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receiver: str

    def __post_init__(self) -> None:
        wecom.key_of(self.aes_key)

    def read(self, headers: Mapping[str, str], query: Mapping[str, str], raw: bytes, now: datetime) -> Callback:
        return wecom.read(self.token, self.aes_key, self.receiver, query, raw)

    def confirm(self, query: Mapping[str, str]) -> Callback:
        return wecom.confirm(self.token, self.aes_key, self.receiver, query)
