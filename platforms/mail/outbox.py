"""Answering: our letter is kept as a draft before it is sent, and is no draft any more once it was.

So whatever breaks in between, it can be told afterwards: no letter of this Message-ID = not sent; a draft = nobody
knows; no draft = sent. The Message-ID is the Action's key: a second try finds the first.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from ecom_agent.connector import Receipt
from ecom_agent.errors import OutcomeUnknown, ParseFailed, Rejected
from ecom_agent.records.messages import Message
from platforms.mail import parse
from platforms.mail.addresses import can_be_written_to
from platforms.mail.imap import Mailbox
from platforms.mail.login import NAME
from platforms.mail.pull import Desk
from platforms.mail.smtp import SEND

LONGEST: Final = 20_000
_SUBJECT: Final = 200


def check(to: Message, text: str, ours: str) -> str:
    """The address to write to. Raises Rejected for what must not be sent."""
    if not text.strip():
        raise Rejected(NAME, SEND, "an answer without words: write something")
    if len(text) > LONGEST:
        raise Rejected(NAME, SEND, f"wanted at most {LONGEST:,} characters; found {len(text):,}; shorten it")
    if not to.from_buyer or to.buyer is None:
        raise Rejected(NAME, SEND, "there is nobody to answer: the message names no sender")
    if not can_be_written_to(to.buyer) or to.buyer == ours:
        raise Rejected(NAME, SEND, "the sender's address is none that can be answered")
    return to.buyer


def own_id(idempotency_key: str, address: str) -> str:
    """Our Message-ID for an Action, without its brackets."""
    return f"ecom.{idempotency_key}@{address.rpartition('@')[2]}"


def prepare(box: Mailbox, desk: Desk, to: Message, text: str, name: str, now: datetime) -> bytes | Receipt:
    """The letter, kept as a draft; or the receipt of a former try that went out.

    Raises Rejected, and OutcomeUnknown where a former try may have reached the buyer.
    """
    address = check(to, text, desk.settings.address)
    former = _kept(box, desk, name)
    if former is not None:
        uid, draft = former
        if draft:
            raise OutcomeUnknown(NAME, SEND, "this answer was in hand before: look whether the buyer has it")
        return Receipt(name, {"uid": str(uid), "sent": "before"})
    raw = compose(to, address, text, name, _thread(box, desk, to), desk.settings.address, now)
    box.keep_draft(box.sent_folder(desk.settings.sent), raw, now)
    return raw


def compose(
    to: Message, address: str, text: str, name: str, references: tuple[str, ...], ours: str, now: datetime
) -> bytes:
    """Plain text, quoted by nobody's words but ours; headers that put it into the buyer's thread."""
    mail = EmailMessage(policy=policy.SMTP)
    subject = " ".join(parse.subject_of(to.text).split())[:_SUBJECT]
    mail["From"], mail["To"] = ours, address
    mail["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}".strip()
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{name}>"
    if not to.message_id.startswith("no-id-"):
        mail["In-Reply-To"] = f"<{to.message_id}>"
    if references:
        mail["References"] = " ".join(f"<{one}>" for one in references)
    mail.set_content(text.strip() + "\n", cte="quoted-printable")
    return mail.as_bytes()


def _thread(box: Mailbox, desk: Desk, to: Message) -> tuple[str, ...]:
    """The thread as the buyer's own mail has it; where that is gone, the mail alone."""
    alone = () if to.message_id.startswith("no-id-") else (to.message_id,)
    if not alone or box.open(desk.settings.folder) is None:
        return alone
    uid = box.with_id(to.message_id)
    for mail in box.fetch([] if uid is None else [uid], headers=True):
        with suppress(ParseFailed):
            return tuple(parse.ids_for_answer(parse.letter(mail.raw)))
    return alone


def _kept(box: Mailbox, desk: Desk, name: str) -> tuple[int, bool] | None:
    """UID of our letter in the sent folder, and whether it is still a draft."""
    if box.open(box.sent_folder(desk.settings.sent), write=True) is None:
        return None
    uid = box.with_id(name)
    return None if uid is None else next(((m.uid, m.draft) for m in box.fetch([uid], headers=True)), None)


def settle(box: Mailbox, desk: Desk, name: str, *, sent: bool) -> None:
    """Our draft becomes what was sent, or goes away where it certainly was not."""
    kept = _kept(box, desk, name)
    if kept is None:
        return
    if sent:
        box.mark_sent(kept[0])
    else:
        box.remove(kept[0])
