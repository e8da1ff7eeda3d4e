"""A person answers a buyer through the App: held, approved, said once, read back, and sealed all the way."""

from __future__ import annotations

from typing import Any

import pytest
from seller_kit import PERSON, Seller
from sqlalchemy import text

from ecom_agent.errors import BadInput, NotFound
from platforms.simulated.servers.ebay import credentials as ebay
from platforms.simulated.servers.tiktok import identity as tiktok
from platforms.simulated.servers.walmart import credentials as walmart

pytestmark = pytest.mark.services
WORDS = "It left us on Monday; the parcel is with UPS, Mrs Curie"
CHATTING = pytest.mark.parametrize("account", [ebay.ACCOUNT, tiktok.ACCOUNT])


def open_channels(seller: Seller) -> Any:
    url = seller.market.url
    accounts = f"{tiktok.ACCOUNT}:tiktok_shop,{ebay.ACCOUNT}:ebay,{walmart.ACCOUNT}:walmart"
    given = {**tiktok.environment(url), **ebay.environment(url), **walmart.environment(url)}
    app = seller.open(ECOM_ACCOUNTS=accounts, **given)
    for account in (ebay.ACCOUNT, tiktok.ACCOUNT):
        app.pull(account, "listings")
    seller.wait(hours=12)
    return app


def waiting(app: Any, account: str) -> Any:
    """A conversation in which the buyer had the last word."""
    app.pull(account, "messages")
    return next(one for one in app.inbox() if one.waits and one.newest.account == account)


def texts(app: Any, seller: Seller, chosen: Any) -> list[str]:
    """What we said in it, as the platform shows it."""
    seller.wait(minutes=5)
    app.pull(chosen.newest.account, "messages")
    found = app.conversation(chosen.newest.account, chosen.newest.conversation_id)
    return [message.text for message in found.messages if not message.from_buyer]


def plain_text_of_the_database(app: Any) -> str:
    with app.parts.database.unit() as unit:
        told = [
            unit.session.execute(text(f"SELECT {name}::text FROM {name}")).scalars().all()
            for name in ("action", "audit_event", "reply", "message")
        ]
    return repr(told)


@CHATTING
def test_an_answer_is_held_approved_said_once_and_read_back(seller: Seller, account: str) -> None:
    app = open_channels(seller)
    chosen = waiting(app, account)
    before = texts(app, seller, chosen)
    wished = app.reply(account, chosen.newest.conversation_id, WORDS, PERSON)
    assert (wished.state, wished.held_by, wished.target) == ("held", "promise", chosen.newest.conversation_id)
    assert app.reply(account, chosen.newest.conversation_id, WORDS, PERSON).key == wished.key
    assert app.execute() == {}
    assert app.reply_text(wished.key) == WORDS
    (waits,) = app.conversation(account, chosen.newest.conversation_id).replies
    assert (waits.text, waits.action.key) == (WORDS, wished.key)
    assert app.approve(wished.key, PERSON).state == "approved"
    assert app.execute() == {"applied": 1}
    seller.wait(minutes=4)
    assert app.verify() == {"verified": 1}
    assert texts(app, seller, chosen) == [*before, WORDS]
    assert app.conversation(account, chosen.newest.conversation_id).replies == ()
    with pytest.raises(BadInput, match="write another one"):
        app.undo(wished.key, PERSON)
    kept = plain_text_of_the_database(app)
    assert "Curie" not in kept
    assert chosen.newest.text not in kept


@CHATTING
def test_without_an_answer_of_the_platform_it_is_looked_for_and_never_said_twice(seller: Seller, account: str) -> None:
    app = open_channels(seller)
    chosen = waiting(app, account)
    before = texts(app, seller, chosen)
    wished = app.reply(account, chosen.newest.conversation_id, WORDS, PERSON)
    app.approve(wished.key, PERSON)
    seller.faults(timeout_after_write=1.0)
    assert app.execute() == {"unknown": 1}
    seller.faults()
    assert app.execute() == {}
    seller.wait(minutes=2)
    assert app.verify() == {"verified": 1}
    assert texts(app, seller, chosen) == [*before, WORDS]


def test_what_cannot_be_sent_is_refused_before_it_is_wished(seller: Seller) -> None:
    app = open_channels(seller)
    chosen = waiting(app, ebay.ACCOUNT).newest
    for words in ("", " \n", "x" * 2001):
        with pytest.raises(BadInput, match="1 to 2000 characters"):
            app.reply(ebay.ACCOUNT, chosen.conversation_id, words, PERSON)
    with pytest.raises(BadInput, match="takes answers"):
        app.reply(walmart.ACCOUNT, chosen.conversation_id, WORDS, PERSON)
    with pytest.raises(BadInput, match="person"):
        app.reply(ebay.ACCOUNT, chosen.conversation_id, WORDS, "system:agent")
    with pytest.raises(NotFound, match="inbox list"):
        app.reply(ebay.ACCOUNT, "no-such-thread", WORDS, PERSON)
    assert app.actions() == []
