"""The App keeps what it pulls sealed: the data key is made with the first payload, and another one is refused."""

from __future__ import annotations

import base64
import stat
from typing import Any

import pytest
from seller_kit import Seller

from ecom_agent.errors import BadInput, ConfigError
from ecom_agent.security.vault import KEY_FILE
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart

pytestmark = pytest.mark.services
KEY = base64.b64encode(bytes(range(32))).decode()


def open_channels(seller: Seller, **changed: str) -> Any:
    accounts = f"{tiktok.ACCOUNT}:tiktok_shop,{walmart.ACCOUNT}:walmart"
    given = {**tiktok.environment(seller.market.url), **walmart.environment(seller.market.url)}
    return seller.open(ECOM_ACCOUNTS=accounts, **given, **changed)


def test_further_streams_are_scheduled_where_the_platform_has_them(seller: Seller) -> None:
    told = {(account, stream): every for account, stream, every in open_channels(seller).streams()}
    assert told[tiktok.ACCOUNT, "messages"] == 5
    assert told[tiktok.ACCOUNT, "returns"] == told[walmart.ACCOUNT, "returns"] == 30
    assert told[tiktok.ACCOUNT, "charges"] == told[walmart.ACCOUNT, "charges"] == 360
    assert (walmart.ACCOUNT, "messages") not in told


def test_the_data_key_is_made_with_the_first_payload(seller: Seller) -> None:
    app = open_channels(seller)
    file = app.parts.data_dir / KEY_FILE
    assert not file.exists()
    seller.wait(hours=6)
    for stream in ("listings", "returns", "charges"):
        assert app.pull(tiktok.ACCOUNT, stream).quarantined == 0
    assert app.pull(tiktok.ACCOUNT, "messages").quarantined == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = file.read_bytes()
    seller.wait(hours=6)
    assert open_channels(seller).pull(tiktok.ACCOUNT, "messages").quarantined == 0
    assert file.read_bytes() == made
    seller.wait(hours=6)
    with pytest.raises(ConfigError, match="ECOM_DATA_KEY") as told:
        open_channels(seller, ECOM_DATA_KEY=KEY).pull(tiktok.ACCOUNT, "listings")
    assert KEY not in str(told.value)


def test_a_key_of_the_settings_makes_no_file(seller: Seller) -> None:
    app = open_channels(seller, ECOM_DATA_KEY=KEY)
    app.pull(tiktok.ACCOUNT, "messages")
    assert not (app.parts.data_dir / KEY_FILE).exists()


def test_a_platform_without_messages_says_so(seller: Seller) -> None:
    with pytest.raises(BadInput, match="returns, charges"):
        open_channels(seller).pull(walmart.ACCOUNT, "messages")
