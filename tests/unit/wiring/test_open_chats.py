"""Work chats are opened out of the settings, each on its own; what is wrong is named, never shown."""

from __future__ import annotations

import base64

import pytest

from ecom_agent.adapters.chatops import ConfirmsAddress
from ecom_agent.settings import load
from ecom_agent.wiring.chats import open_chats
from ecom_agent.wiring.running import check_settings

AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
ALL = {
    "ECOM_DINGTALK_SECRET": "hunter2",
    "ECOM_FEISHU_ENCRYPT_KEY": "hunter2",
    "ECOM_FEISHU_TOKEN": "hunter2",
    "ECOM_WECOM_TOKEN": "hunter2",
    "ECOM_WECOM_AES_KEY": AES_KEY,
    "ECOM_WECOM_RECEIVER": "ww0123456789",
}


def test_all_three_are_opened_and_no_secret_shows() -> None:
    chats = open_chats(load(ALL))
    assert (list(chats.doors), chats.broken) == (["dingtalk", "feishu", "wecom"], {})
    assert [name for name, door in chats.doors.items() if isinstance(door, ConfirmsAddress)] == ["wecom"]
    shown = repr(chats) + repr(load(ALL)) + repr(check_settings(ALL))
    assert "hunter2" not in shown
    assert AES_KEY not in shown


def test_what_is_not_set_is_not_there() -> None:
    chats = open_chats(load({}))
    assert (chats.doors, chats.broken) == ({}, {})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"ECOM_WECOM_RECEIVER": ""}, "ECOM_WECOM_RECEIVER"),
        ({"ECOM_WECOM_AES_KEY": "hunter2"}, "EncodingAESKey"),
        ({"ECOM_WECOM_AES_KEY": "hünter2"}, "EncodingAESKey"),
    ],
)
def test_one_that_is_wrong_is_told_and_the_others_are_there(change: dict[str, str], named: str) -> None:
    values = {**ALL, **change}
    chats = open_chats(load(values))
    assert set(chats.doors) == {"dingtalk", "feishu"}
    assert named in chats.broken["wecom"]
    told = {name: (status, fix) for name, status, fix in check_settings(values)}
    assert told["chat wecom"] == ("wrong", chats.broken["wecom"])
    assert told["chat feishu"][0] == "ok"
    assert "nter2" not in repr(told)
