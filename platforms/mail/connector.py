"""One mailbox as a connector. A session for every verb: mail servers close idle ones, and none is shared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from ecom_agent.clock import Clock
from ecom_agent.connector import Page, Receipt
from ecom_agent.errors import EcomError, OutcomeUnknown
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.messages import Message
from ecom_agent.telemetry import log
from platforms._shared.throttle import Quota
from platforms.mail import outbox
from platforms.mail.imap import Mailbox, session
from platforms.mail.login import login
from platforms.mail.pull import Desk, pull, said_since
from platforms.mail.settings import MailSettings
from platforms.mail.smtp import SEND, hand_over

_log = log(__name__)


class Mail:
    def __init__(
        self, account: AccountId, settings: MailSettings, clock: Clock, quota: Quota, *, transport: Any = None
    ) -> None:
        """`transport` is HTTP's: only access tokens are asked for over it."""
        self.account, self._settings, self._clock, self._quota = account, settings, clock, quota
        self._desk = Desk(account, settings)
        self._login = login(account, settings, clock, quota, transport)

    def __repr__(self) -> str:
        return f"Mail({self.account!r})"

    @property
    def marketplaces(self) -> tuple[MarketplaceId, ...]:
        return (self._desk.marketplace,)

    @property
    def base_urls(self) -> tuple[str, ...]:
        grant = self._settings.grant
        return (self._settings.imap, self._settings.smtp, *(() if grant is None else (grant.url,)))

    @property
    def longest_message(self) -> int:
        return outbox.LONGEST

    def close(self) -> None:
        """Mail servers' sessions end with their verb."""
        self._login.close()

    def pull_messages(self, cursor: str | None) -> Iterator[Page[Message]]:
        with self._session() as box:
            yield from pull(box, self._desk, cursor, self._clock.now())

    def said_since(self, conversation_id: str, since: datetime) -> Sequence[Message]:
        with self._session() as box:
            return said_since(box, self._desk, conversation_id, since)

    def send_message(self, to: Message, text: str, *, idempotency_key: str) -> Receipt:
        """Kept as a draft, handed over, kept as sent. Only silence after the letter was handed over is of unknown
        outcome; a mailbox that fails before it means not sent, one that fails after it changes nothing."""
        address = outbox.check(to, text, self._settings.address)
        name = outbox.own_id(idempotency_key, self._settings.address)
        self._quota.acquire(self.account, SEND)
        with self._session() as box:
            letter = outbox.prepare(box, self._desk, to, text, name, self._clock.now())
        if isinstance(letter, Receipt):
            return letter
        try:
            code = hand_over(self._settings, self.account, self._login, address, letter)
        except OutcomeUnknown:
            raise
        except EcomError:
            self._settle(name, sent=False)
            raise
        kept = self._settle(name, sent=True)
        return Receipt(name, {"code": code, "copy": "sent folder" if kept else "left as a draft"})

    def _session(self) -> AbstractContextManager[Mailbox]:
        return session(self._settings, self.account, self._quota, self._login)

    def _settle(self, name: str, *, sent: bool) -> bool:
        """Whether our copy could be brought in line. Where not, a second try finds a draft, and says so."""
        try:
            with self._session() as box:
                outbox.settle(box, self._desk, name, sent=sent)
        except EcomError as error:
            _log.warning("our copy of a letter stays a draft", account=self.account, error=str(error))
            return False
        return True
