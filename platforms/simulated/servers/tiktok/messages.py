"""Customer service: conversations, the one that spoke last first, their messages, and our answers."""

from __future__ import annotations

from typing import Any, Final

import orjson

from platforms.simulated.channels.ids import print_id, read_id
from platforms.simulated.channels.model import Thread
from platforms.simulated.servers.tiktok import call as codes
from platforms.simulated.servers.tiktok.call import Call, Operation, TikTokRefused, invalid
from platforms.simulated.state import TIKTOK
from platforms.simulated.wire import tiktok

MOST: Final = 20
LONGEST: Final = 2000


def _conversations(call: Call) -> dict[str, Any]:
    spoken = [thread for thread in call.channel.threads.values() if thread.letters]
    rows, token = call.page(sorted(spoken, key=lambda one: (one.updated_at, one.number), reverse=True), most=MOST)
    return {"conversations": [tiktok.conversation(call.channel, one) for one in rows], **token}


def _messages(call: Call) -> dict[str, Any]:
    thread = _thread(call)
    card = tiktok.entered(call.channel, thread)
    every = [tiktok.letter(call.channel, call.channel.letters[number]) for number in thread.letters]
    shown = sorted([*([card] if card else []), *every], key=lambda one: int(one["index"]))
    rows, token = call.page(shown[::-1] if call.newest_first() else shown, most=MOST)
    return {"messages": rows, **token}


def _send(call: Call) -> dict[str, Any]:
    """Only texts; the others are cards of things that this world does not have."""
    thread = _thread(call)
    try:
        words = orjson.loads(call.body.get("content", ""))["content"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        words = None
    if call.body.get("type") != "TEXT" or not isinstance(words, str) or not 0 < len(words) <= LONGEST:
        raise invalid(f"content must hold the text of a TEXT message, at most {LONGEST} characters")
    number = call.servers.sim.do("channel_message", channel=TIKTOK, text=words, thread=thread.number)
    return {"message_id": print_id(TIKTOK, "letter", number)}


def _thread(call: Call) -> Thread:
    number = read_id(TIKTOK, "thread", call.path["conversation_id"])
    if number not in call.channel.threads:
        raise TikTokRefused(codes.NO_THING, "The conversation does not exist")
    return call.channel.threads[number]


_ROOT: Final = "/customer_service"
_ONE: Final = "conversations/{conversation_id}/messages"
OPERATIONS: tuple[Operation, ...] = (
    Operation("getConversations", "GET", f"{_ROOT}/202309/conversations", _conversations),
    Operation("getConversationMessages", "GET", f"{_ROOT}/202309/{_ONE}", _messages, records=("messages", "sender")),
    Operation("sendMessage", "POST", f"{_ROOT}/202606/{_ONE}", _send, writes=True),
)
