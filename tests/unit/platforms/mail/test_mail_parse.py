"""A mail to what it says: charsets, HTML, relays, threads, wrong clocks, and mail that breaks every rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.messages import Message
from platforms.mail import addresses, parse
from platforms.mail.html_text import as_text

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
RELAY = "abc123def+a1b2@marketplace.amazon.co.uk"


def raw(*head: str, body: bytes = b"Hello.") -> bytes:
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def letter(*head: str, body: bytes = b"Hello.") -> parse.Letter:
    return parse.letter(raw("From: Jane <jane@buyer.example>", "Message-ID: <1@buyer.example>", *head, body=body))


def message(read: parse.Letter, *, from_buyer: bool = True, pattern: str | None = None) -> Message:
    return parse.message(
        read,
        account=AccountId("care_desk"),
        marketplace=MarketplaceId("mail"),
        from_buyer=from_buyer,
        arrived=NOON,
        pattern=pattern,
    )


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("gb2312", "包裹在哪里？"),
        ("gb2312", "朱镕基"),  # written by a program that says gb2312 and means gbk
        ("iso-2022-jp", "荷物はどこですか"),
        ("koi8-r", "Где посылка?"),
        ("windows-1252", "Größe „M“"),
        ("x-made-up", "plain enough"),
    ],
)
def test_every_charset_is_read(charset: str, text: str) -> None:
    body = text.encode({"gb2312": "gbk", "x-made-up": "ascii"}.get(charset, charset))
    read = letter(f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: 8bit", body=body)
    assert read.text == text


def test_a_subject_in_pieces_and_charsets_is_put_together() -> None:
    read = letter("Subject: =?gb2312?B?tqm1pQ==?= 111-1234567-7654321 =?utf-8?q?gr=C3=BC=C3=9Fe?=")
    assert read.subject == "订单 111-1234567-7654321 grüße"


def test_html_is_read_as_a_person_sees_it_and_nothing_in_it_runs() -> None:
    html = (
        "<html><head><title>no</title><style>p{}</style></head><body><p>Where is&nbsp;my <b>parcel</b>?</p>"
        "<script>alert('x')</script><ul><li>one<li>two</ul><img src='http://evil.example/pixel'>&lt;3<br>Jane</body>"
    )
    assert as_text(html) == "Where is my parcel?\n\none\ntwo\n<3\nJane"
    read = letter("Content-Type: text/html; charset=utf-8", body=html.encode())
    assert "alert" not in read.text
    assert "evil" not in read.text


def test_plain_text_stands_before_html_and_what_is_attached_is_counted() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "jane@buyer.example", "Broken"
    mail.set_content("It is broken.")
    mail.add_alternative("<p>It is <i>broken</i>.</p>", subtype="html")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="broken.png")
    mail.add_attachment("a text that is attached", filename="note.txt")
    read = parse.letter(mail.as_bytes())
    assert (read.text, read.attachments) == ("It is broken.", 2)
    assert message(read).text == "Subject: Broken\n\nIt is broken.\n\n[2 attached, not opened]"


@pytest.mark.parametrize(
    ("subject", "body", "order"),
    [
        ("Inquiry (Order: 111-1234567-7654321)", "", "111-1234567-7654321"),
        ("Inquiry", "About 111-1234567-7654321, please.", "111-1234567-7654321"),
        ("Inquiry", "111-1234567-7654321 or 222-1234567-7654321?", None),
        ("Inquiry", "call me: 0111-1234567-76543219", None),
        ("Inquiry", "", None),
    ],
)
def test_relay_mail_names_its_order(subject: str, body: str, order: str | None) -> None:
    read = parse.letter(raw(f"From: {RELAY}", f"Subject: {subject}", body=body.encode()))
    assert message(read).order_id == order


def test_an_order_id_of_amazon_in_other_mail_is_none_of_ours_and_a_shop_has_its_own_pattern() -> None:
    assert message(letter("Subject: 111-1234567-7654321")).order_id is None
    assert message(letter("Subject: Order #10042, late"), pattern=r"#(\d{4,})").order_id == "10042"
    assert message(letter("Subject: A-77 late"), pattern=r"A-\d+").order_id == "A-77"


@pytest.mark.parametrize(
    ("address", "relay"),
    [
        (RELAY, True),
        ("x@marketplace.amazon.com", True),
        ("x@m.marketplace.amazon.de", True),
        ("x@marketplace.amazon.com.evil.example", False),
        ("x@marketplace-amazon.com", False),
        ("x@amazon.com", False),
    ],
)
def test_relay_addresses_are_told_from_look_alikes(address: str, relay: bool) -> None:
    assert addresses.is_relay(address) is relay


def test_a_thread_is_one_conversation_and_its_name_tells_nothing() -> None:
    first = message(letter())
    second = message(letter("Message-ID: <2@x>", "References: <1@buyer.example> <7@x>", "In-Reply-To: <7@x>"))
    third = message(letter("In-Reply-To: <1@buyer.example>"))
    assert first.conversation_id == second.conversation_id == third.conversation_id
    assert message(letter("References: <other@x>")).conversation_id != first.conversation_id
    assert "buyer" not in first.conversation_id


def test_all_mail_over_one_relay_address_is_one_conversation_both_ways() -> None:
    theirs = [message(parse.letter(raw(f"From: {RELAY}", f"Message-ID: <{n}@amazon>"))) for n in (1, 2)]
    ours = message(parse.letter(raw("From: care@shop.example", f"To: {RELAY.upper()}")), from_buyer=False)
    assert {one.conversation_id for one in (*theirs, ours)} == {theirs[0].conversation_id}


def test_answers_go_where_the_sender_wants_them_but_never_past_the_relay() -> None:
    assert message(letter("Reply-To: Other <other@buyer.example>")).buyer == "other@buyer.example"
    phish = parse.letter(raw(f"From: {RELAY}", "Reply-To: thief@evil.example"))
    assert message(phish).buyer == RELAY


@pytest.mark.parametrize(
    ("date", "sent_at"),
    [
        ("Tue, 3 Nov 2026 12:30:00 +0100", NOON - timedelta(minutes=30)),
        ("Tue, 3 Nov 2026 12:04:00 +0000", NOON + timedelta(minutes=4)),
        ("Fri, 3 Nov 2056 12:00:00 +0000", NOON),
        ("yesterday", NOON),
        ("Tue, 3 Nov 2026 11:00:00", NOON - timedelta(hours=1)),
    ],
)
def test_a_wrong_clock_does_not_move_a_letter_into_the_future(date: str, sent_at: datetime) -> None:
    assert message(letter(f"Date: {date}")).sent_at == sent_at


@pytest.mark.parametrize(
    "head",
    ["Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <deals.example>", "Return-Path: <>"],
)
def test_machines_are_recognised(head: str) -> None:
    assert letter(head).automatic
    assert not letter("Auto-Submitted: no").automatic


def test_a_mail_without_an_id_gets_one_that_stays() -> None:
    first, again = (parse.letter(raw("From: a@b.example")) for _ in range(2))
    assert first.message_id == again.message_id
    assert first.message_id.startswith("no-id-")


def test_a_letter_that_is_too_long_is_cut_off_and_says_so() -> None:
    read = letter(body=b"x" * (parse.LONGEST + 7))
    assert read.text.endswith("[cut off after 100,000 characters]")


def test_nothing_private_shows_in_a_letter_or_an_error() -> None:
    assert "jane" not in repr(letter("Subject: My secret"))
    with pytest.raises(ParseFailed) as caught:
        parse.letter(raw("Subject: My secret", body=b"My secret."))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("jane@buyer.example", True),
        (RELAY, True),
        ("jane@buyer.example\r\nBcc: all@evil.example", False),
        ("a@b.example, c@d.example", False),
        ("<jane@buyer.example>", False),
        ("jane", False),
    ],
)
def test_only_one_plain_address_is_written_to(address: str, good: bool) -> None:
    assert addresses.can_be_written_to(address) is good


HEADS = st.sampled_from(
    ["From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type", "Content-Transfer-Encoding"]
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["=?gb2312?B?!!!?=", "=?utf-8?q?=ff=?=", "multipart/mixed", "multipart/mixed; boundary=", "base64",
         "a@b, <c@d>", "text/html; charset=\"\"", "message/rfc822", "<<>>", "=?x?b?eA==?=",
         "Tue, 99 Foo 2026 25:61:00 +9999"]
    ),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.tuples(HEADS, VALUES), max_size=6), st.binary(max_size=80))
def test_any_bytes_are_a_letter_or_a_clear_no(head: list[tuple[str, str]], body: bytes) -> None:
    lines = "\n".join(f"{name}: {value}" for name, value in head)
    data: Any = lines.encode("utf-8", "replace") + b"\n\n" + body
    try:
        found = message(parse.letter(data))
    except ParseFailed:
        return
    assert found.sent_at.tzinfo is UTC
    assert found.message_id
    assert "\0" not in found.text
