"""What one stage of the lane hands to the next, and when what can wait is done."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from ecom_agent.ids import AccountId
from ecom_agent.runtime.passing import TOKENS_AHEAD, Inbox, Lull, Tokens

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


class Quota:
    """Of an executor what `Tokens` asks of it; `left` is what the platform still grants."""

    def __init__(self, left: int) -> None:
        self.left, self.asked = left, list[int]()

    def room_now(self, account: AccountId, most: int) -> int:
        self.asked.append(most)
        found = min(most, self.left)
        self.left -= found
        return found

    def done_with(self, account: AccountId) -> None:
        pass


def tokens(left: int) -> tuple[Tokens, Quota]:
    quota = Quota(left)
    return Tokens(quota, AccountId("a")), quota


def test_tokens_taken_ahead_are_promised_without_asking_again() -> None:
    ours, quota = tokens(1000)
    ours.ahead()
    assert ours.promise(TOKENS_AHEAD) == TOKENS_AHEAD
    assert quota.asked == [TOKENS_AHEAD]


def test_no_more_is_taken_ahead_than_the_platform_grants_and_nothing_where_enough_is_left() -> None:
    ours, quota = tokens(TOKENS_AHEAD - 1)
    ours.ahead()
    ours.ahead()
    assert quota.asked == [TOKENS_AHEAD]
    assert ours.promise(2 * TOKENS_AHEAD) == TOKENS_AHEAD - 1
    assert ours.promise(1) == 0
