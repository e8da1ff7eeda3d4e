"""Mail against a real IMAP and a real SMTP server: in, stored sealed; out, once; through wrong passwords and deaths."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from imapclient import DRAFT
from mail_kit import ACCOUNT, CARE, PASSWORD, MailServers, a_mail, false_server, mail_servers

from ecom_agent.clock import Clock, FrozenClock, SystemClock
from ecom_agent.errors import AuthFailed, ConfigError, EcomError, OutcomeUnknown, Rejected, TransientError
from ecom_agent.records.messages import Message, said
from ecom_agent.store.db import Database
from ecom_agent.store.messages import MessageStore
from ecom_agent.store.quarantine import QuarantineStore
from ecom_agent.wiring import App, build, demo_values, prepare_database
from platforms.mail import pull as pulling
from platforms.simulated.channels import letters

pytestmark = pytest.mark.services
KEY = "ab" * 32
RELAY = "x1y2z3@marketplace.amazon.com"
WORDS = "It left us on Monday"


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServers]:
    with mail_servers(tmp_path / "mailbox") as made:
        yield made


@pytest.fixture
def app(mail: MailServers, postgres_url: str, tmp_path: Path) -> Iterator[App]:
    made = opened(mail, postgres_url, tmp_path)
    yield made
    made.close()


def opened(mail: MailServers, postgres_url: str, folder: Path, clock: Clock | None = None, **changed: str) -> App:
    ticking = clock or SystemClock()
    prepare_database(postgres_url, ticking.now())
    values = demo_values("http://127.0.0.1:9", postgres_url, folder)
    return build({**values, "ECOM_ACCOUNTS": f"{ACCOUNT}:mail", **mail.environment(**changed)}, ticking)


def stored(app: App) -> list[Message]:
    with app.parts.database.unit() as unit:
        store = MessageStore(unit.session, app.parts.vault())
        return list(store.sent_between(ACCOUNT, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)))


def pulled(connector: Any, cursor: str | None = None) -> tuple[list[Message], str]:
    pages = list(connector.pull_messages(cursor))
    return [one for page in pages for one in page.records], pages[-1].next_cursor


def answered(mail: MailServers) -> tuple[Any, Message]:
    connector = mail.connector()
    (letter,), _ = pulled(connector)
    return connector, letter


# --- in ---


def test_mail_comes_in_sealed_and_twice_changes_nothing(mail: MailServers, app: App, database: Database) -> None:
    mail.deliver(a_mail(1), a_mail(2, sender=RELAY, subject="Inquiry (Order: 111-1234567-7654321)"))
    first = app.pull(ACCOUNT, "messages")
    assert (first.written, first.quarantined) == (2, 0)
    assert app.pull(ACCOUNT, "messages").written == 0
    plain, relayed = sorted(stored(app), key=lambda one: one.message_id)
    assert (plain.text, plain.buyer) == ("Subject: My order\n\nWhere is my parcel?", "jane@buyer.example")
    assert (relayed.order_id, relayed.from_buyer) == ("111-1234567-7654321", True)
    with database.unit() as unit:
        connection = unit.session.connection()
        rows = connection.exec_driver_sql("SELECT sealed_text::text || coalesce(sealed_buyer::text, '') FROM message")
        raw = connection.exec_driver_sql(
            "SELECT count(*) FROM raw_payload WHERE position('jane' in encode(body, 'escape')) > 0"
        )
        assert not any(b"jane".hex() in row[0] or "parcel" in row[0] for row in rows)
        assert raw.scalar() == 0


def test_a_mail_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(
    mail: MailServers, app: App, database: Database
) -> None:
    mail.deliver(a_mail(1), b"Subject: from nobody, my secret\r\n\r\nA secret.", a_mail(3))
    report = app.pull(ACCOUNT, "messages")
    assert (report.written, report.quarantined) == (2, 2)  # read once more, in vain
    with database.unit() as unit:
        (aside,) = QuarantineStore(unit.session).open()
    assert aside.reason == "From: missing"
    assert "secret" not in repr(aside)


def test_machines_and_our_own_copies_are_no_letters(mail: MailServers) -> None:
    mail.deliver(
        a_mail(1, Auto_Submitted="auto-replied"),
        a_mail(2, List_Id="<deals.example>"),
        a_mail(3, sender=CARE),
        a_mail(4),
    )
    records, _ = pulled(mail.connector())
    assert [one.message_id for one in records] == ["letter-4@buyer.example"]


def test_a_cursor_goes_on_behind_every_page_and_new_mail_comes_next(
    mail: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "A_PAGE", 2)
    mail.deliver(*(a_mail(number) for number in range(5)))
    mail.deliver(a_mail(9, sender=CARE), into="Sent")
    connector = mail.connector()
    pages = list(connector.pull_messages(None))
    assert [len(page.records) for page in pages] == [2, 2, 1, 1]
    assert [page.more for page in pages] == [True, True, True, False]
    everything = {one.message_id for page in pages for one in page.records}
    for stop, page in enumerate(pages):
        before = {one.message_id for part in pages[: stop + 1] for one in part.records}
        after, _ = pulled(connector, page.next_cursor)
        assert before | {one.message_id for one in after} == everything
        assert not before & {one.message_id for one in after}
    mail.deliver(a_mail(10))
    assert [one.message_id for one in pulled(connector, pages[-1].next_cursor)[0]] == ["letter-10@buyer.example"]


def test_new_uids_of_the_server_lose_no_mail_and_double_none(mail: MailServers, app: App, tmp_path: Path) -> None:
    mail.deliver(a_mail(1), a_mail(2))
    assert app.pull(ACCOUNT, "messages").written == 2
    mail.kill_imap()
    (uids,) = (tmp_path / "mailbox").rglob("dovecot-uidlist")
    uids.unlink()
    mail.start_imap()
    mail.deliver(a_mail(3))
    again = app.pull(ACCOUNT, "messages")
    assert (again.fetched, again.written, again.unchanged) == (3, 1, 2)
    assert len(stored(app)) == 3


def test_a_server_that_dies_in_the_middle_loses_nothing_and_doubles_nothing(
    mail: MailServers, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "A_PAGE", 2)
    mail.deliver(*(a_mail(number) for number in range(7)))
    fetch, fetched = pulling.Mailbox.fetch, []

    def dies(box: Any, uids: Any, **how: Any) -> Any:
        fetched.append(uids)
        if len(fetched) == 3:
            mail.kill_imap()
        return fetch(box, uids, **how)

    monkeypatch.setattr(pulling.Mailbox, "fetch", dies)
    with pytest.raises(TransientError, match="does not answer"):
        app.pull(ACCOUNT, "messages")
    assert len(stored(app)) == 4
    with pytest.raises(TransientError):
        app.pull(ACCOUNT, "messages")
    mail.start_imap()
    assert app.pull(ACCOUNT, "messages").written == 3
    assert sorted(one.message_id for one in stored(app)) == [f"letter-{n}@buyer.example" for n in range(7)]


def test_a_refused_password_pauses_the_account_and_a_good_one_resumes_it(
    mail: MailServers, postgres_url: str, tmp_path: Path
) -> None:
    wrong = opened(mail, postgres_url, tmp_path, PASSWORD="not-this-one")
    with pytest.raises(AuthFailed, match="ECOM_CARE_DESK__PASSWORD") as told:
        wrong.pull(ACCOUNT, "messages")
    assert "not-this-one" not in str(told.value)
    assert [paused[0] for paused in wrong.health().paused_accounts] == [ACCOUNT]
    wrong.close()
    good = opened(mail, postgres_url, tmp_path)
    good.pull(ACCOUNT, "messages")
    assert good.health().paused_accounts == ()
    good.close()


def test_a_mailbox_without_the_folder_says_so(mail: MailServers) -> None:
    with pytest.raises(EcomError, match="no folder 'Buyers'"):
        pulled(mail.connector(FOLDER="Buyers"))


def test_the_markets_buyers_are_understood_in_five_languages_as_their_programs_write_them(mail: MailServers) -> None:
    charsets = {"en": "us-ascii", "es": "iso-8859-15", "zh": "gb18030", "de": "windows-1252", "fr": "utf-8"}
    written, mails = {}, []
    for topic, texts in letters.ABOUT_ORDERS.items():
        for language, text in texts.items():
            one = EmailMessage()
            one["From"], one["Subject"] = RELAY, "(Order: 111-1234567-7654321)"
            one["Message-ID"] = f"<{topic}.{language}@amazon.example>"
            one.set_content(text, charset=charsets[language])
            written[f"{topic}.{language}@amazon.example"] = text
            mails.append(one.as_bytes())
    mail.deliver(*mails)
    found, _ = pulled(mail.connector())
    assert {one.message_id: one.text.partition("\n\n")[2] for one in found} == written
    assert {(one.order_id, one.conversation_id) for one in found} == {("111-1234567-7654321", found[0].conversation_id)}


def test_of_a_mail_with_a_great_attachment_the_letter_is_read(mail: MailServers) -> None:
    big = EmailMessage()
    big["From"], big["Message-ID"] = "jane@buyer.example", "<big@buyer.example>"
    big.set_content("See the picture.")
    big.add_attachment(bytes(2 << 20), maintype="image", subtype="png", filename="picture.png")
    mail.deliver(big.as_bytes())
    ((letter,), _) = pulled(mail.connector())
    assert letter.text == "See the picture.\n\n[1 attached, not opened]"


# --- out ---


def test_an_answer_reaches_the_buyer_in_the_thread_and_is_kept(mail: MailServers) -> None:
    mail.deliver(a_mail(2, References="<root@buyer.example> <letter-1@buyer.example>"))
    connector, letter = answered(mail)
    text = "Dear Jane,\n\nit is on its way — grüße, 你好.\n\nYour shop"
    receipt = connector.send_message(letter, text, idempotency_key=KEY)
    ((sender, recipients, raw),) = mail.letters.taken
    out = message_from_bytes(raw)
    assert (sender, recipients, out["To"]) == (CARE, ["jane@buyer.example"], "jane@buyer.example")
    assert (out["Message-ID"], receipt.external_ref) == (f"<ecom.{KEY}@shop.example>", f"ecom.{KEY}@shop.example")
    assert (out["Subject"], out["In-Reply-To"]) == ("Re: My order", "<letter-2@buyer.example>")
    assert out["References"].split() == ["<root@buyer.example>", "<letter-1@buyer.example>", "<letter-2@buyer.example>"]
    assert "jane" not in repr(receipt)
    (back,) = [m for m in connector.said_since(letter.conversation_id, letter.sent_at) if not m.from_buyer]
    where = {"account": ACCOUNT, "conversation_id": letter.conversation_id, "answers": letter.message_id}
    assert (
        said(back.text, **where) == said(text, **where) or said(back.text, **where).digest == said(text, **where).digest
    )
    records, _ = pulled(connector)
    assert {one.conversation_id for one in records} == {letter.conversation_id}
    assert sorted(one.from_buyer for one in records) == [False, True]


def test_the_same_answer_is_never_sent_twice(mail: MailServers) -> None:
    mail.deliver(a_mail())
    connector, letter = answered(mail)
    first = connector.send_message(letter, "On its way.", idempotency_key=KEY)
    second = connector.send_message(letter, "On its way.", idempotency_key=KEY)
    assert first.external_ref == second.external_ref
    assert len(mail.letters.taken) == 1


def test_silence_after_the_letter_is_of_unknown_outcome_and_not_sent_again(mail: MailServers) -> None:
    mail.deliver(a_mail())
    connector, letter = answered(mail)
    mail.letters.mood = "silent"
    with pytest.raises(OutcomeUnknown):
        connector.send_message(letter, "On its way.", idempotency_key=KEY)
    mail.letters.mood = "takes"
    with pytest.raises(OutcomeUnknown, match="in hand before"):
        connector.send_message(letter, "On its way.", idempotency_key=KEY)
    assert len(mail.letters.taken) == 1
    assert [m for m in connector.said_since(letter.conversation_id, letter.sent_at) if not m.from_buyer] == []


@pytest.mark.parametrize(("mood", "kind"), [("550", Rejected), ("450", TransientError)])
def test_a_refused_recipient_leaves_no_draft_and_is_not_named(
    mail: MailServers, mood: str, kind: type[EcomError]
) -> None:
    mail.deliver(a_mail())
    connector, letter = answered(mail)
    mail.letters.mood = mood
    with pytest.raises(kind, match="recipient") as told:
        connector.send_message(letter, "On its way.", idempotency_key=KEY)
    assert "jane" not in str(told.value)
    with mail.mailbox("Sent") as box:
        assert box.search(["ALL"]) == []
    mail.letters.mood = "takes"
    connector.send_message(letter, "On its way.", idempotency_key=KEY)
    assert len(mail.letters.taken) == 1


def test_a_server_that_is_not_there_means_not_sent(mail: MailServers) -> None:
    mail.deliver(a_mail())
    connector, letter = answered(mail)
    mail.stop_smtp()
    with pytest.raises(TransientError, match="does not answer"):
        connector.send_message(letter, "On its way.", idempotency_key=KEY)
    with mail.mailbox("Sent") as box:
        assert box.search(["ALL"]) == []
    mail.kill_imap()
    with pytest.raises(TransientError):
        connector.send_message(letter, "On its way.", idempotency_key=KEY)
    mail.start_imap()
    assert mail.letters.taken == []


def test_a_wrong_password_of_the_mail_out_is_told_without_it(mail: MailServers) -> None:
    mail.deliver(a_mail())
    _, letter = answered(mail)
    with pytest.raises(AuthFailed) as told:
        mail.connector(SMTP_PASSWORD="another").send_message(letter, "On its way.", idempotency_key=KEY)
    assert PASSWORD not in str(told.value)
    assert "another" not in str(told.value)
    assert mail.letters.taken == []


def test_a_person_who_answered_from_the_mail_program_is_seen(mail: MailServers) -> None:
    mail.deliver(a_mail())
    connector, letter = answered(mail)
    own = a_mail(7, sender=CARE, To="jane@buyer.example", References=f"<{letter.message_id}>", text="Done by hand.")
    mail.deliver(own, into="Sent")
    (back,) = [m for m in connector.said_since(letter.conversation_id, letter.sent_at) if not m.from_buyer]
    assert back.text == "Done by hand."


def test_what_is_still_a_draft_was_not_said(mail: MailServers) -> None:
    mail.deliver(a_mail())
    mail.deliver(a_mail(8, sender=CARE), into="Sent")
    with mail.mailbox("Sent") as box:
        box.add_flags([1], [DRAFT])
    records, _ = pulled(mail.connector())
    assert [one.from_buyer for one in records] == [True]


# --- the whole way ---


def test_an_answer_over_mail_goes_the_whole_way_of_an_action(
    mail: MailServers, postgres_url: str, tmp_path: Path
) -> None:
    clock = FrozenClock(SystemClock().now() + timedelta(minutes=1))
    app = opened(mail, postgres_url, tmp_path, clock)
    mail.deliver(a_mail(1, sender=RELAY, subject="Inquiry (Order: 111-1234567-7654321)"))
    app.pull(ACCOUNT, "messages")
    (asked,) = [one.newest for one in app.inbox() if one.waits]
    wished = app.reply(ACCOUNT, asked.conversation_id, WORDS, "anna")
    assert (wished.state, app.execute(), mail.letters.taken) == ("held", {}, [])
    app.approve(wished.key, "anna")
    assert app.execute() == {"applied": 1}
    clock.sleep(300)
    assert app.verify() == {"verified": 1}
    ((_, recipients, raw),) = mail.letters.taken
    assert (recipients, WORDS in raw.decode()) == ([RELAY], True)
    app.pull(ACCOUNT, "messages")
    assert [one.text for one in app.conversation(ACCOUNT, asked.conversation_id).messages][-1] == WORDS
    assert not any(one.waits for one in app.inbox())
    told = repr([app.explain(wished.key), app.actions(), app.audit_events()])
    assert WORDS not in told
    assert RELAY not in told
    app.close()


def test_an_answer_nobody_knows_of_is_never_sent_again(mail: MailServers, postgres_url: str, tmp_path: Path) -> None:
    clock = FrozenClock(SystemClock().now() + timedelta(minutes=1))
    app = opened(mail, postgres_url, tmp_path, clock)
    mail.deliver(a_mail(1))
    app.pull(ACCOUNT, "messages")
    wished = app.reply(ACCOUNT, app.inbox()[0].newest.conversation_id, WORDS, "anna")
    app.approve(wished.key, "anna")
    mail.letters.mood = "silent"
    assert app.execute() == {"unknown": 1}
    mail.letters.mood = "takes"
    for _ in range(4):
        clock.sleep(3600)
        app.verify()
        app.execute()
    assert len(mail.letters.taken) == 1
    app.close()


# --- how it is set up ---


def test_a_sandbox_reaches_no_mail_server_but_this_machines(
    mail: MailServers, postgres_url: str, tmp_path: Path
) -> None:
    opened(mail, postgres_url, tmp_path, IMAP="imap://127.0.0.1:1", SMTP="smtp://localhost:1").close()
    with pytest.raises(ConfigError, match="sandbox"):
        opened(mail, postgres_url, tmp_path, SMTP="smtps://mail.shop.example")


def test_a_server_nobody_vouches_for_gets_no_password(mail: MailServers, tmp_path: Path) -> None:
    mail.deliver(a_mail())
    _, letter = answered(mail)
    with false_server(tmp_path) as (port, heard):
        for changed in ({"IMAP": f"imaps://localhost:{port}"}, {"SMTP": f"smtps://localhost:{port}"}):
            connector = mail.connector(**changed)
            with pytest.raises(ConfigError, match="no safe connection to localhost"):
                connector.send_message(letter, "On its way.", idempotency_key=KEY)
    assert heard == []
    with mail.mailbox("Sent") as box:
        assert box.search(["ALL"]) == []


def test_a_server_elsewhere_without_tls_gets_no_password(mail: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that somebody listens to could hide that the server offers it."""
    mail.deliver(a_mail())
    _, letter = answered(mail)
    monkeypatch.setattr("platforms.mail.settings._is_here", lambda host: host != "localhost")
    port = mail.settings()["SMTP"].rpartition(":")[2]
    with pytest.raises(ConfigError, match="offers no TLS"):
        mail.connector(SMTP=f"smtp://localhost:{port}").send_message(letter, "On its way.", idempotency_key=KEY)
    with pytest.raises(ConfigError, match="offers no TLS"):
        pulled(mail.connector(IMAP=f"imap://localhost:{mail.imap_port}"))
    assert mail.letters.taken == []


def test_mail_is_due_every_five_minutes(app: App) -> None:
    assert [entry for entry in app.streams() if entry[0] == ACCOUNT] == [(ACCOUNT, "messages", 5)]


def test_letters_look_back_thirty_days_at_first(mail: MailServers) -> None:
    with mail.mailbox() as box:
        box.append("INBOX", a_mail(1), msg_time=datetime.now(UTC) - timedelta(days=60))
    mail.deliver(a_mail(2))
    assert [one.message_id for one in pulled(mail.connector())[0]] == ["letter-2@buyer.example"]
