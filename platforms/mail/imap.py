"""The door to the IMAP server: one session, every failure as one of our errors, never a word of a mail in it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from imapclient import DELETED, DRAFT, SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError
from imapclient.imapclient import SENT

from ecom_agent.errors import AuthFailed, ConfigError, TerminalError, TransientError
from ecom_agent.ids import AccountId
from ecom_agent.telemetry import CALLS
from platforms._shared.throttle import Quota
from platforms.mail.login import NAME, Login
from platforms.mail.settings import MailSettings, server

READ: Final = "imapRead"
TIMEOUT_S: Final = 30.0
_BUSY: Final = ("UNAVAILABLE", "INUSE", "[LIMIT]", "TRY AGAIN")
MOST_BYTES: Final = 1 << 20
"""So much of a mail is fetched: text stands before what is attached."""


class Fetched(NamedTuple):
    """A mail, or as much of it as was asked for, and when the server got it."""

    uid: int
    raw: bytes
    arrived: datetime
    draft: bool


class Place(NamedTuple):
    """A folder's state: UIDs below `next_uid` are given out; they mean something under this `validity` only."""

    validity: int
    next_uid: int


class Mailbox:
    """An open session. Made by `session`."""

    def __init__(self, client: IMAPClient, account: AccountId, quota: Quota) -> None:
        self._client, self._account, self._quota = client, account, quota

    def open(self, folder: str, *, write: bool = False) -> Place | None:
        """Select a folder; None where there is none of this name. Reading marks nothing as read."""
        if not self._client.folder_exists(folder):
            return None
        told: Mapping[bytes, Any] = self._client.select_folder(folder, readonly=not write)
        return Place(int(told[b"UIDVALIDITY"]), int(told[b"UIDNEXT"]))

    def sent_folder(self, wanted: str) -> str:
        """Where sent mail is kept: the folder of this name, else the one the server says it is ("Sent Items")."""
        if self._client.folder_exists(wanted):
            return wanted
        return str(self._client.find_special_folder(SENT) or wanted)

    def uids(self, start: int, end: int) -> list[int]:
        """UIDs in [start, end), ascending. The server answers n:* with its last mail even where that is older."""
        if start >= end:
            return []
        return sorted(uid for uid in self._search(["UID", f"{start}:{end - 1}"]) if start <= uid < end)

    def uids_since(self, day: date) -> list[int]:
        """UIDs of what came on this day or later, by the server's calendar."""
        return sorted(self._search(["SINCE", day]))

    def with_id(self, message_id: str) -> int | None:
        """The newest mail of this Message-ID that is not deleted."""
        return max(self._search(["UNDELETED", "HEADER", "Message-ID", f"<{message_id}>"]), default=None)

    def fetch(self, uids: Sequence[int], *, headers: bool = False) -> list[Fetched]:
        """In the order of their UIDs. One that somebody removed meanwhile is not among them."""
        if not uids:
            return []
        self._quota.acquire(self._account, READ)
        part = "BODY.PEEK[HEADER]" if headers else f"BODY.PEEK[]<0.{MOST_BYTES}>"
        told: Mapping[int, Mapping[bytes, Any]] = self._client.fetch(uids, ["INTERNALDATE", "FLAGS", part])
        found = []
        for uid in sorted(told):
            raw = next((value for name, value in told[uid].items() if name.startswith(b"BODY[")), None)
            if isinstance(raw, bytes):
                arrived = told[uid][b"INTERNALDATE"].astimezone(UTC)
                found.append(Fetched(uid, raw, arrived, DRAFT in told[uid][b"FLAGS"]))
        return found

    def keep_draft(self, folder: str, raw: bytes, at: datetime) -> None:
        """Put a mail into the folder, marked as not sent yet; the folder is made where there is none."""
        if not self._client.folder_exists(folder):
            self._client.create_folder(folder)
        self._client.append(folder, raw, flags=[SEEN, DRAFT], msg_time=at)

    def mark_sent(self, uid: int) -> None:
        self._client.remove_flags([uid], [DRAFT])

    def remove(self, uid: int) -> None:
        """Only this one mail: others that somebody marked as deleted stay."""
        self._client.add_flags([uid], [DELETED])
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge([uid])

    def _search(self, criteria: list[Any]) -> list[int]:
        self._quota.acquire(self._account, READ)
        return [int(uid) for uid in self._client.search(criteria)]


@contextmanager
def session(settings: MailSettings, account: AccountId, quota: Quota, login: Login) -> Iterator[Mailbox]:
    """Log in, and out again. Raises AuthFailed for refused credentials, TransientError where the server is not there
    or goes away, TerminalError for what it refuses."""
    quota.acquire(account, READ)
    where = server(settings.imap, "imap")
    client: IMAPClient | None = None
    status = "200"
    try:
        context = ssl.create_default_context()
        client = IMAPClient(where.host, where.port, ssl=where.tls, ssl_context=context, timeout=TIMEOUT_S)
        client.normalise_times = False
        if where.starttls:
            if not client.has_capability("STARTTLS"):
                raise ConfigError(f"{account}: {where.host} offers no TLS: no password is sent to it")
            client.starttls(context)
        login.imap(client)
        yield Mailbox(client, account, quota)
    except LoginError as error:
        if any(word in str(error).upper() for word in _BUSY):
            raise TransientError(NAME, "login", f"{where.host} takes no login now") from None
        status = "401"
        raise AuthFailed(
            NAME,
            "login",
            f"{where.host} refused the login: set a new ECOM_{account.upper()}__{login.secret}",
            status=401,
        ) from None
    except ssl.SSLError as error:
        status = "tls"
        raise ConfigError(f"{account}: no safe connection to {where.host}: {error.reason or 'TLS failed'}") from None
    except (OSError, IMAPClient.AbortError) as error:
        status = "gone"
        raise TransientError(NAME, READ, f"{where.host} does not answer ({type(error).__name__})") from None
    except IMAPClientError as error:
        status = "refused"
        raise TerminalError(NAME, READ, f"{where.host} refused it ({type(error).__name__})") from None
    finally:
        CALLS.labels(NAME, READ, status).inc()
        _leave(client)


def _leave(client: IMAPClient | None) -> None:
    if client is None:
        return
    try:
        client.logout()
    except (OSError, IMAPClientError, IMAPClient.AbortError):
        client.shutdown()
