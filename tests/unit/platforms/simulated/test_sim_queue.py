"""The queue gives what a look through all its messages would give, however they were hidden, deleted and sent."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from platforms.simulated.queue import Queue
from platforms.simulated.state import Message

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDS = st.integers(0, 12)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), IDS, st.integers(0, 20)),
        st.tuples(st.just("receive"), st.integers(1, 10), st.integers(0, 30)),
        st.tuples(st.just("delete"), IDS, st.just(0)),
        st.tuples(st.just("hide"), IDS, st.integers(0, 30)),
        st.tuples(st.just("wait"), st.integers(1, 20), st.just(0)),
        st.tuples(st.just("restart"), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS)
def test_who_receives_gets_what_a_look_through_all_messages_would_give(steps: list[tuple[str, int, int]]) -> None:
    queue, now = Queue(), T0
    hidden: dict[str, datetime] = {}  # every message, in the order in which it came
    for what, number, s in steps:
        id, until = f"m{number}", now + timedelta(seconds=s)
        if what == "put" and id not in hidden:
            queue.put(Message(id, "body", now, until))
            hidden[id] = until
        elif what == "receive":
            wanted = [one for one, at in hidden.items() if at <= now][:number]
            assert [message.message_id for message, _, _ in queue.receive(now, number, s)] == wanted
            hidden |= dict.fromkeys(wanted, until)
        elif what == "delete":
            queue.delete(id)
            hidden.pop(id, None)
        elif what == "hide" and queue.hide(id, until):
            hidden[id] = until
        elif what == "wait":
            now += timedelta(seconds=number)
        elif what == "restart":  # what was in flight may be seen again
            queue = pickle.loads(pickle.dumps(queue))
            hidden = {id: queue.messages[id].visible_at for id in hidden}
    assert list(queue.messages) == list(hidden)
    assert [m.message_id for m, _, _ in queue.receive(now + timedelta(minutes=1), 100)] == list(hidden)


def test_a_message_tells_how_often_it_was_received_and_first_when() -> None:
    queue = Queue()
    queue.put(Message("m", "body", T0, T0))
    later = T0 + timedelta(seconds=40)
    assert [(n, first) for _, n, first in queue.receive(T0, 1)] == [(1, T0)]
    assert [(n, first) for _, n, first in queue.receive(later, 1)] == [(2, T0)]
