"""Reading a mailbox: its folders by UID, in closed stretches, so that a mail is read once and none is left out.

A cursor says for each folder under which UIDVALIDITY it was read and up to which UID. Where the server gave the
folder a new one, old UIDs mean nothing: the folder is read as a whole again, and what comes twice is recognised by
its Message-ID.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from ecom_agent.connector import Page, Poison, Window
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.messages import Message
from platforms._shared import paging
from platforms.mail import parse
from platforms.mail.imap import READ, Fetched, Mailbox, Place
from platforms.mail.settings import MailSettings

FIRST_LOOK_BACK: Final = timedelta(days=30)
A_PAGE: Final = 25
_AT: Final = "/at"
"""Of the cursor: no folder is called so."""
_READ_TO: Final = re.compile(r"(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose mailbox it is."""

    account: AccountId
    settings: MailSettings

    @property
    def marketplace(self) -> MarketplaceId:
        return MarketplaceId(self.settings.marketplace)

    def read(self, mail: Fetched, *, from_buyer: bool) -> Message | None:
        """None for a machine's mail, for our own in the buyers' folder, and for what was not sent yet.

        Raises ParseFailed.
        """
        letter = parse.letter(mail.raw)
        if from_buyer and (letter.automatic or letter.sender == self.settings.address):
            return None
        if mail.draft and not from_buyer:
            return None
        return parse.message(
            letter,
            account=self.account,
            marketplace=self.marketplace,
            from_buyer=from_buyer,
            arrived=mail.arrived,
            pattern=self.settings.order_pattern,
        )


def pull(box: Mailbox, desk: Desk, cursor: str | None, now: datetime) -> Iterator[Page[Message]]:
    """Pages of both folders; each moves the cursor over what it holds. The last one comes even where it is empty."""
    folders = (desk.settings.folder, box.sent_folder(desk.settings.sent))
    state, since = _state(cursor)
    window = Window(since or now - FIRST_LOOK_BACK, now)
    work: list[tuple[str, Place, Sequence[int]]] = []
    for folder in folders:
        place = box.open(folder)
        if place is None:
            if folder == desk.settings.folder:
                raise ParseFailed("folder", f"the mailbox has no folder {folder!r}: correct the account's FOLDER")
            continue
        uids = _unread(box, place, state.get(folder), now)
        work += [(folder, place, part) for part in paging.chunks(uids, A_PAGE)] or [(folder, place, ())]
    for number, (folder, place, uids) in enumerate(work):
        whole = number + 1 == len(work) or work[number + 1][0] != folder
        box.open(folder)
        mails = box.fetch(uids)
        state[folder] = (place.validity, place.next_uid if whole else uids[-1] + 1)
        page = _page(mails, desk, folder, place, _cursor(state, now), more=number + 1 < len(work))
        yield replace(page, window=window)


def said_since(box: Mailbox, desk: Desk, conversation: str, since: datetime) -> list[Message]:
    """Both sides of one conversation, oldest first. Headers tell which mails those are; only they are read whole."""
    found: list[Message] = []
    for folder in (desk.settings.folder, box.sent_folder(desk.settings.sent)):
        if box.open(folder) is None:
            continue
        from_buyer = folder == desk.settings.folder
        uids = box.uids_since((since - timedelta(days=1)).date())
        for part in paging.chunks(uids, A_PAGE):
            wanted = [mail.uid for mail in box.fetch(part, headers=True) if _belongs(mail, conversation, from_buyer)]
            read = (_readable(desk, mail, from_buyer) for mail in box.fetch(wanted))
            found += [one for one in read if one is not None and one.sent_at >= since]
    return sorted(found, key=lambda one: (one.sent_at, one.message_id))


def _belongs(mail: Fetched, conversation: str, from_buyer: bool) -> bool:
    try:
        letter = parse.letter(mail.raw)
    except ParseFailed:
        return False
    other = letter.answer_to if from_buyer else next(iter(letter.recipients), None)
    return parse.conversation(letter, other) == conversation


def _readable(desk: Desk, mail: Fetched, from_buyer: bool) -> Message | None:
    try:
        return desk.read(mail, from_buyer=from_buyer)
    except ParseFailed:
        return None


def _unread(box: Mailbox, place: Place, known: tuple[int, int] | None, now: datetime) -> Sequence[int]:
    """UIDs that were given out and not read, up to the place that is known now: what comes later is the next pull's."""
    if known is None:
        recent = box.uids_since((now - FIRST_LOOK_BACK).date())
        return [uid for uid in recent if uid < place.next_uid]
    validity, read_to = known
    return box.uids(read_to if validity == place.validity else 1, place.next_uid)


def _page(mails: Sequence[Fetched], desk: Desk, folder: str, place: Place, cursor: str, *, more: bool) -> Page[Message]:
    """Raw pages and what is set aside hold nobody's words: the mail itself stays in the mailbox, under its UID."""
    records: list[Message] = []
    poison: list[Poison] = []
    kept: list[dict[str, Any]] = []
    for mail in mails:
        where = {"folder": folder, "validity": place.validity, "uid": mail.uid, "bytes": len(mail.raw)}
        try:
            record = desk.read(mail, from_buyer=folder == desk.settings.folder)
        except ParseFailed as error:
            poison.append(Poison(f"{folder}/{place.validity}/{mail.uid}", str(error), where))
            continue
        kept.append({**where, "kept": record is not None})
        if record is not None:
            records.append(record)
    ordered = tuple(sorted(records, key=lambda one: one.sent_at))
    return Page(ordered, cursor, more, READ, orjson.dumps(kept), tuple(poison))


def _state(cursor: str | None) -> tuple[dict[str, tuple[int, int]], datetime | None]:
    """Folder → (UIDVALIDITY, first UID not read), and when it was read. Raises ParseFailed for no cursor of ours."""
    parts = dict(paging.decode(cursor)) if cursor else {}
    at = paging.time_of(parts, _AT)
    parts.pop(_AT, None)
    state = {}
    for folder, told in parts.items():
        found = _READ_TO.fullmatch(told)
        if found is None:
            raise ParseFailed("cursor", f"not a cursor of this connector: {told[:40]!r}; delete it to start anew")
        state[folder] = (int(found.group(1)), int(found.group(2)))
    return state, at


def _cursor(state: dict[str, tuple[int, int]], now: datetime) -> str:
    read: dict[str, str | datetime] = {folder: f"{validity}:{uid}" for folder, (validity, uid) in state.items()}
    return paging.encode(**{**read, _AT: now})
