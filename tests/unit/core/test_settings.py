"""Settings are read from the environment over a file; what is wrong is named, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecom_agent.actions.model import Mode
from ecom_agent.errors import ConfigError
from ecom_agent.settings import account_fields, environment, load


def test_nothing_set_means_nothing_is_sent() -> None:
    assert load({}).mode is Mode.DRY_RUN


def test_a_wrong_mode_is_named_without_its_value() -> None:
    with pytest.raises(ConfigError, match="ECOM_MODE") as caught:
        load({"ECOM_MODE": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_accounts_are_pairs() -> None:
    settings = load({"ECOM_ACCOUNTS": "amazon_us:amazon, shop_main:shopify"})
    assert settings.account_platforms() == {"amazon_us": "amazon", "shop_main": "shopify"}


@pytest.mark.parametrize("text", ["amazon_us", "a:amazon,a:shopify", "a b:amazon", ":amazon", "x:"])
def test_malformed_accounts_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="ECOM_ACCOUNTS"):
        load({"ECOM_ACCOUNTS": text}).account_platforms()


def test_an_account_sees_only_its_own_credentials() -> None:
    values = {"ECOM_AMAZON_US__SELLER_ID": "A1", "ECOM_AMAZON_EU__SELLER_ID": "A2", "ECOM_AMAZON_US__EMPTY": ""}
    assert account_fields("amazon_us", values) == {"seller_id": "A1"}


def test_the_environment_stands_above_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "with space.env"
    file.write_text("ECOM_PERSON=from_file\nECOM_HOST=127.0.0.9\n")
    monkeypatch.setenv("ECOM_ENV_FILE", str(file))
    monkeypatch.setenv("ECOM_PERSON", "from_environment")
    found = load(environment())
    assert (found.person, found.host) == ("from_environment", "127.0.0.9")


def test_a_named_file_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECOM_ENV_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="ecom init"):
        environment()
