"""Which door a process gets: none that writes in a dry run, none to a live host in a sandbox."""

import pytest
from actions_kit import ACCOUNT, FakePlatform

from ecom_agent.actions.door import Preview, Writer
from ecom_agent.actions.model import Mode
from ecom_agent.actions.modes import Outlet, is_live, writer_for
from ecom_agent.connector import ConnectorSpec
from ecom_agent.errors import ConfigError

HOSTS = ("sellingpartnerapi-na.amazon.com", "myshopify.com")
SPEC = ConnectorSpec("fake", "Fake", frozenset(), {}, "", "", HOSTS)


def outlets(*urls):
    return {ACCOUNT: Outlet(FakePlatform(), SPEC, urls)}


def test_a_dry_run_gets_no_writer_whatever_the_host():
    assert isinstance(writer_for(Mode.DRY_RUN, outlets("https://demo.myshopify.com")), Preview)


def test_a_sandbox_writes_but_not_to_a_live_host():
    door = writer_for(
        Mode.SANDBOX, outlets("http://127.0.0.1:8080/sp-api", "https://sandbox.sellingpartnerapi-na.amazon.com")
    )
    assert isinstance(door, Writer)
    assert door.mode is Mode.SANDBOX
    for url in (
        "https://sellingpartnerapi-na.amazon.com",
        "https://SellingPartnerAPI-NA.amazon.com:443/x",
        "https://demo.myshopify.com./admin",
        "not a url",
    ):
        with pytest.raises(ConfigError):
            writer_for(Mode.SANDBOX, outlets("http://localhost", url))
    with pytest.raises(ConfigError):
        writer_for(Mode.SANDBOX, outlets())


def test_live_writes_anywhere():
    assert writer_for(Mode.LIVE, outlets("https://demo.myshopify.com")).mode is Mode.LIVE


def test_a_name_that_only_ends_alike_is_not_live():
    assert not is_live("https://notmyshopify.com", HOSTS)
    assert is_live("https://myshopify.com", HOSTS)
