"""Work chats out of the settings: each opened on its own, so that one that is set up wrong stops nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from ecom_agent.adapters.chatops import ChatDoor
from ecom_agent.errors import ConfigError
from ecom_agent.settings import Settings

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "dingtalk": ("dingtalk_secret",),
    "feishu": ("feishu_encrypt_key", "feishu_token"),
    "wecom": ("wecom_token", "wecom_aes_key", "wecom_receiver"),
}
"""What each needs, in the order that its door takes it."""


@dataclass(frozen=True, slots=True)
class Chats:
    """`doors` by name; `broken` says of each other one that was begun what is wrong with its settings."""

    doors: Mapping[str, ChatDoor]
    broken: Mapping[str, str]


def open_chats(settings: Settings) -> Chats:
    doors: dict[str, ChatDoor] = {}
    broken: dict[str, str] = {}
    for name, fields in FIELDS.items():
        values = [_plain(getattr(settings, field)) for field in fields]
        missing = [f"ECOM_{field.upper()}" for field, value in zip(fields, values, strict=True) if not value]
        if len(missing) == len(fields):
            continue
        try:
            if missing:
                raise ConfigError(f"{', '.join(missing)}: missing; see .env.example")
            doors[name] = _open(name, values)
        except ConfigError as error:
            broken[name] = str(error)
    return Chats(doors, broken)


def _open(name: str, values: list[str]) -> ChatDoor:
    """Its cryptography is loaded only where a chat is set up."""
    from ecom_agent.adapters.chatops import doors

    made: Mapping[str, type[ChatDoor]] = {"dingtalk": doors.DingTalk, "feishu": doors.Feishu, "wecom": doors.WeCom}
    return made[name](*values)


def _plain(value: SecretStr | str | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""
