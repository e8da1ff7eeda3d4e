"""One mail, byte for byte → what it says. Attachments are counted and never opened. Pure.

Headers are read by the package's older, forgiving reader: mail from outside breaks every rule, and one bad header
must not take the letter with it.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Mime
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.records.messages import Message
from platforms.mail import addresses
from platforms.mail.html_text import as_text

LONGEST: Final = 100_000
"""Characters of a letter that are kept; what is longer is cut off, and says so."""
_SKEW: Final = timedelta(minutes=5)
_ID: Final = re.compile(r"<([^<>\s]+)>")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "x-unknown": "utf-8"}
_BROKEN: Final = (LookupError, ValueError, TypeError, AttributeError, MessageError, RecursionError)
"""What the email package is known to raise for mail that breaks its rules."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's parts. `automatic` = sent by a machine: a bounce, a list, an out-of-office; nobody waits for an answer.

    `references` are the ids of its thread, its first mail's first.
    """

    message_id: str
    references: tuple[str, ...]
    in_reply_to: tuple[str, ...]
    sender: str = field(repr=False)
    answer_to: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    dated: datetime | None
    attachments: int
    automatic: bool


def letter(raw: bytes) -> Letter:
    """Raises ParseFailed, without a word of the mail in it, for what is no mail or has no sender."""
    try:
        mime = email.message_from_bytes(raw, policy=policy.compat32)
        return _letter(mime, raw)
    except ParseFailed:
        raise
    except _BROKEN as error:
        raise ParseFailed("mail", f"cannot be read ({type(error).__name__})") from None


def _letter(mime: Mime, raw: bytes) -> Letter:
    senders = _addresses(mime, "From")
    if not senders:
        raise ParseFailed("From", "missing")
    ids, relay = _ids(mime, "Message-ID"), addresses.is_relay(senders[0])
    texts, attachments = _body(mime)
    return Letter(
        message_id=ids[0] if ids else f"no-id-{hashlib.sha256(raw).hexdigest()[:32]}",
        references=_ids(mime, "References"),
        in_reply_to=_ids(mime, "In-Reply-To"),
        sender=senders[0],
        answer_to=senders[0] if relay else next(iter(_addresses(mime, "Reply-To")), senders[0]),
        recipients=_addresses(mime, "To"),
        subject=" ".join(_header(mime, "Subject").split()),
        text=_clean(texts),
        dated=_date(mime),
        attachments=attachments,
        automatic=_automatic(mime),
    )


def message(
    read: Letter,
    *,
    account: AccountId,
    marketplace: MarketplaceId,
    from_buyer: bool,
    arrived: datetime,
    pattern: str | None,
) -> Message:
    """A letter as a message. Which folder it lay in tells who wrote it, for a sender's address can be forged.

    `arrived` is the mail server's own time, which a sender's wrong clock cannot move: a later date is not believed.
    """
    other = read.answer_to if from_buyer else next(iter(read.recipients), None)
    relay = other is not None and addresses.is_relay(other)
    order = addresses.order_named(read.subject, read.text, relay=relay, pattern=pattern)
    sent_at = read.dated if read.dated is not None and read.dated <= arrived + _SKEW else arrived
    return Message(
        account=account,
        marketplace=marketplace,
        message_id=read.message_id,
        conversation_id=conversation(read, other),
        from_buyer=from_buyer,
        sent_at=sent_at.astimezone(UTC),
        text=_told(read) if from_buyer else read.text,
        buyer=other,
        order_id=None if order is None else OrderId(order),
    )


def conversation(read: Letter, other: str | None) -> str:
    relay = other if other is not None and addresses.is_relay(other) else None
    return addresses.thread(read.message_id, read.references, read.in_reply_to, relay)


def _told(read: Letter) -> str:
    """A buyer's letter as we keep it: what it is about, what it says, and that something came with it."""
    head = f"Subject: {read.subject}\n\n" if read.subject else ""
    tail = f"\n\n[{read.attachments} attached, not opened]" if read.attachments else ""
    return f"{head}{read.text}{tail}"


def subject_of(text: str) -> str:
    """The subject out of a kept letter, for the answer to it."""
    first, _, _ = text.partition("\n")
    return first.removeprefix("Subject: ") if first.startswith("Subject: ") else ""


def _body(mime: Mime) -> tuple[str, int]:
    """The text (plain before HTML, as the sender wrote both), and how many parts are attached."""
    plain: list[str] = []
    html: list[str] = []
    attachments = 0
    for part in mime.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or part.get_filename() or not kind.startswith("text/"):
            attachments += 1
        elif kind == "text/html":
            html.append(_decoded(part))
        else:
            plain.append(_decoded(part))
    text = "\n\n".join(filter(None, (one.strip() for one in plain)))
    return text or "\n\n".join(as_text(one) for one in html), attachments


def _decoded(part: Mime) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    name = (part.get_content_charset() or "utf-8").lower()
    for charset in (_WIDER.get(name, name), "utf-8"):
        try:
            return payload.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return payload.decode("latin-1" if name in ("us-ascii", "ascii") else "utf-8", "replace")


def _header(mime: Mime, name: str) -> str:
    told = mime.get(name)
    if told is None:
        return ""
    parts: list[str] = []
    for value, charset in decode_header(str(told)):
        if isinstance(value, str):
            parts.append(value)
            continue
        known = _WIDER.get((charset or "utf-8").lower(), charset or "utf-8")
        try:
            parts.append(value.decode(known, "replace"))
        except LookupError:
            parts.append(value.decode("utf-8", "replace"))
    return _CONTROL.sub("", "".join(parts))


def _addresses(mime: Mime, name: str) -> tuple[str, ...]:
    told = [_CONTROL.sub("", str(value)) for value in mime.get_all(name, [])]
    return tuple(address.lower() for _, address in getaddresses(told) if "@" in address)


def _ids(mime: Mime, name: str) -> tuple[str, ...]:
    told = " ".join(str(value) for value in mime.get_all(name, []))
    return tuple(dict.fromkeys(one[:250] for one in _ID.findall(told)))


def _date(mime: Mime) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(mime.get("Date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _automatic(mime: Mime) -> bool:
    submitted = str(mime.get("Auto-Submitted", "no")).strip().lower()
    bulk = str(mime.get("Precedence", "")).strip().lower() in ("bulk", "list", "junk")
    return submitted != "no" or bulk or "List-Id" in mime or str(mime.get("Return-Path", "")).strip() == "<>"


def _clean(text: str) -> str:
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n\n[cut off after {LONGEST:,} characters]"


def ids_for_answer(read: Letter) -> Sequence[str]:
    """What an answer's References hold: the thread so far, and the letter itself."""
    return (*(read.references or read.in_reply_to), read.message_id)
