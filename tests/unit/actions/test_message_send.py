"""What is said to a buyer is a promise: a person signs each, it is said once, and nobody but the buyer reads it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from actions_kit import ACCOUNT, MARKET, T0, Bench, FakePlatform, later, policy, shop
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.actions.autonomy import Level
from ecom_agent.actions.door import Preview
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.guards import all_guards
from ecom_agent.actions.model import Action, Kind, Mode, State
from ecom_agent.connector import Receipt
from ecom_agent.errors import BadInput
from ecom_agent.ids import Sku
from ecom_agent.records.messages import Message, Reply, said

THREAD, SECRET = "c-1", "Yes, refund of 12.50 for Marie Curie, 12 Rue Cuvier"
ASKED = Message(ACCOUNT, MARKET, "m-1", THREAD, True, T0 - timedelta(hours=1), "Where is my parcel?", "buyer-9")


class Chat(FakePlatform):
    """A platform with conversations; `answers` as of `FakePlatform`."""

    longest_message = 2000

    def __init__(self, *answers):
        super().__init__(*answers)
        self.said = []

    def send_message(self, to, text, *, idempotency_key):
        answer = self._arrived(idempotency_key)
        if answer in ("ok", "lost", "killed_after"):
            shown = text.replace(" ", "\r\n ")  # as some platforms wrap
            self.said.append(replace(to, message_id="m-2", from_buyer=False, sent_at=later(1), text=shown))
        return self._answered(answer) and Receipt("m-2")

    def said_since(self, conversation_id, since):
        return [m for m in (ASKED, *self.said) if m.conversation_id == conversation_id and m.sent_at >= since]


def bench_with(*answers, tables=None):
    tables = tables or shop()
    reply = Reply(ASKED, SECRET, "anna", T0)
    tables.messages[ACCOUNT, THREAD] = [ASKED]
    tables.replies[ACCOUNT, THREAD, reply.said.digest] = reply
    return Bench(tables, Chat(*answers))


def wish(by="person:anna", **other):
    made = {
        "kind": Kind.MESSAGE_SEND, "account": ACCOUNT, "marketplace": MARKET, "target": Sku(THREAD), "before": None,
        "after": Reply(ASKED, SECRET, "anna", T0).said, "reason": "answers a buyer", "proposed_by": by, "slot": T0,
        "mode": Mode.LIVE, "policy_version": 1,
        "evidence": {"answers": ASKED.message_id, "asked_at": ASKED.sent_at.isoformat()},
    }  # fmt: skip
    return Action(**(made | other))


def approved(bench):
    key = bench.pipeline.propose(wish()).key
    assert bench.pipeline.approve(key, "anna").state is State.APPROVED
    return key


@settings(max_examples=60, deadline=None)
@given(
    default=st.sampled_from([*Level, "odd"]),
    here=st.none() | st.sampled_from(Level),
    by=st.sampled_from(["support.replying", "pricing.repricing", "person:anna", "system:pipeline", "person:"]),
    persons=st.sampled_from([None, 0, 1, 2, "1", True]),
)
def test_no_setting_lets_one_go_without_a_person(default, here, by, persons):
    tables = shop()
    levels = {} if here is None else {by: {"*": here, ACCOUNT: here}}
    guards = policy("guards")
    guards["approval"]["message_persons"] = persons
    tables.policies |= {"autonomy": {**policy("autonomy"), "default": default, "levels": levels}, "guards": guards}
    bench = bench_with(tables=tables)
    record = bench.pipeline.propose(wish(by))
    assert record.state in (State.HELD, State.DENIED)
    for _ in range(3):
        bench.wait(10)
        bench.pipeline.judge_again()
        bench.executor().run_once()
    assert not bench.platform.sent


def test_even_without_its_guard_it_does_not_pass_the_door_unsigned():
    bench = bench_with()
    others = [guard for guard in all_guards() if guard.name != "promise"]
    bench.pipeline._guards = tuple(others)
    assert bench.pipeline.propose(wish()).state is State.APPROVED
    executor = bench.executor()
    assert isinstance(executor, Executor)
    executor._guards = tuple(others)
    assert executor.run_once() == {"denied": 1}
    assert not bench.platform.sent


def test_signed_it_is_said_once_and_read_back():
    bench = bench_with()
    key = approved(bench)
    assert bench.executor().run_once() == {"applied": 1}
    assert bench.executor().run_once() == {}
    bench.wait(3)
    assert bench.verifier.run_once() == {"verified": 1}
    assert [m.text.split() for m in bench.platform.said] == [SECRET.split()]
    assert bench.get(key).signed_by == ("anna",)


def test_without_an_answer_it_is_looked_for_before_anything_else():
    bench = bench_with("lost")
    key = approved(bench)
    assert bench.executor().run_once() == {"unknown": 1}
    assert bench.pipeline.propose(wish(slot=later(1))).state is State.DENIED
    bench.wait(1)
    assert bench.verifier.run_once() == {"verified": 1}
    assert bench.steps(key)[-3:] == ["unknown", "applied", "verified"]
    assert sum(bench.platform.sent.values()) == 1


def test_one_that_is_not_in_the_conversation_was_not_said_and_stops_nobody():
    bench = bench_with("vanished")
    key = approved(bench)
    bench.executor().run_once()
    for minutes in (1, 2, 12, 45):
        bench.wait(minutes)
        bench.verifier.run_once()
    assert bench.get(key).why == "not done: still nothing"
    assert not bench.ledger.tables.halts
    assert bench.pipeline.propose(wish(slot=bench.clock.now())).state is State.HELD


def test_the_words_are_in_no_action_no_event_and_no_repr():
    bench = bench_with()
    key = approved(bench)
    bench.executor().run_once()
    bench.wait(3)
    bench.verifier.run_once()
    kept = repr(bench.get(key)) + repr(bench.ledger.tables.chain) + repr(bench.ledger.tables.replies)
    for word in ("Curie", "Cuvier", "12.50", "parcel", "buyer-9"):
        assert word not in kept
    assert f"{len(SECRET)} characters" in str(bench.get(key).action.after)


def test_a_dry_run_says_nothing_to_anybody():
    bench = bench_with()
    dry = Bench(bench.tables, bench.platform, Mode.DRY_RUN)
    key = dry.pipeline.propose(wish(mode=Mode.DRY_RUN)).key
    dry.pipeline.approve(key, "anna")
    assert dry.executor(door=Preview({ACCOUNT: dry.platform})).run_once() == {"previewed": 1}
    assert dry.platform.said == []


def test_it_cannot_be_taken_back():
    bench = bench_with()
    key = approved(bench)
    bench.executor().run_once()
    bench.wait(3)
    bench.verifier.run_once()
    with pytest.raises(BadInput, match="write another one"):
        bench.pipeline.undo(key, "anna")


def later_message(*, from_buyer):
    return replace(ASKED, message_id="m-3", sent_at=T0, from_buyer=from_buyer, text="Never mind")


def test_what_the_buyer_wrote_since_is_read_first():
    bench = bench_with()
    key = bench.pipeline.propose(wish()).key
    bench.ledger.tables.messages[ACCOUNT, THREAD].append(later_message(from_buyer=True))
    denied = bench.pipeline.approve(key, "anna")
    assert denied.state is State.DENIED
    assert "the buyer has written since" in denied.why


def test_whoever_signs_is_told_that_we_have_written_since():
    bench = bench_with()
    bench.ledger.tables.messages[ACCOUNT, THREAD].append(later_message(from_buyer=False))
    assert bench.pipeline.propose(wish()).why.endswith("; we have written since")


@pytest.mark.parametrize(
    "other",
    [
        {"after": said("other words", account=ACCOUNT, conversation_id=THREAD, answers="m-1")},
        {"target": Sku("c-2")},
        {"evidence": {}},
        {"evidence": {"answers": "m-1", "asked_at": "yesterday"}},
    ],
    ids=["other words", "other conversation", "no evidence", "odd time"],
)
def test_a_wish_that_does_not_fit_its_text_is_denied(other):
    assert bench_with().pipeline.propose(wish(**other)).state is State.DENIED


def test_two_persons_where_the_policy_does_not_say():
    tables = shop()
    del tables.policies["guards"]["approval"]["message_persons"]
    bench = bench_with(tables=tables)
    key = bench.pipeline.propose(wish("support.replying")).key
    assert bench.pipeline.approve(key, "anna").state is State.HELD
    assert bench.pipeline.approve(key, "ben").state is State.APPROVED


@given(st.text(max_size=40))
def test_white_space_does_not_count_and_all_else_does(text):
    def digest(text, answers="m-1"):
        return said(text, account=ACCOUNT, conversation_id=THREAD, answers=answers).digest

    assert digest(text) == digest(f"  {text}\r\n")
    assert digest(text) != digest(text, "m-2")
    assert digest(text) != digest(f"{text}.")
