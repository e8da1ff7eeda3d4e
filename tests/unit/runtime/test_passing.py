"""What one stage of the lane hands to the next, and when what can wait is done."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from ecom_agent.runtime.passing import Inbox, Lull

LONG_S = 30.0


@dataclass
class Plain:
    body: bytes = b""
    receipt: str = ""
    tries: int = 1


def test_an_inbox_holds_no_more_than_it_has_room_for() -> None:
    inbox, events = Inbox(10), [Plain() for _ in range(10)]
    assert inbox.wait_for_room(10, 0)
    inbox.put(events[:4], 10)
    assert not inbox.wait_for_room(10, 0)
    assert len(inbox.take(100, 0)) == 4
    assert not inbox.wait_for_room(10, 0), "taken is not finished"
    inbox.finished(4)
    assert inbox.wait_for_room(10, 0)
    assert inbox.take(100, 0) == []


def test_what_can_wait_is_done_once_nobody_decides_or_sends() -> None:
    looked, done = threading.Event(), list[str]()

    def nothing_waits() -> bool:
        looked.set()
        return True

    lull = Lull(nothing_waits)

    def keep() -> None:
        with lull.used(LONG_S):
            done.append("kept")

    keeper = threading.Thread(target=keep)
    with lull.over():
        with lull.over():
            keeper.start()
            assert looked.wait(LONG_S)
        done.append("decided")
    keeper.join()
    assert done == ["decided", "kept"]


def test_what_is_handed_on_and_not_taken_yet_ends_a_lull_too() -> None:
    looked, claims, done = threading.Event(), ["a change"], list[str]()

    def nothing_waits() -> bool:
        looked.set()
        return not claims

    lull = Lull(nothing_waits)

    def keep() -> None:
        with lull.used(LONG_S):
            done.append("kept")

    keeper = threading.Thread(target=keep)
    keeper.start()
    assert looked.wait(LONG_S)
    with lull.over():
        done.append(f"sent {claims.pop()}")
    keeper.join()
    assert done == ["sent a change", "kept"]


def test_what_can_wait_does_not_wait_for_ever() -> None:
    lull, done = Lull(lambda: False), list[str]()
    with lull.over(), lull.used(0.01), lull.used(0.01):
        done.append("kept, though somebody decides and another is at work")
    assert done


def test_a_lull_is_used_by_one_after_the_other() -> None:
    lull, inside, most = Lull(lambda: True), list[int](), list[int]()

    def work(number: int) -> None:
        for _ in range(50):
            with lull.used(LONG_S):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (200, 1)


def test_what_fails_in_a_lull_leaves_it_to_the_next() -> None:
    lull = Lull(lambda: True)
    with pytest.raises(ValueError, match="no"), lull.over(), lull.used(0.01):
        raise ValueError("no")
    with lull.used(LONG_S):
        assert not lull._busy
