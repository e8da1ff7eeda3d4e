"""Post-order's search of returns, and the conversations of Commerce Message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from platforms.simulated.channels.ids import read_id
from platforms.simulated.channels.model import Thread
from platforms.simulated.servers.ebay.call import Answer, Call, EbayRefused, Numbers, Operation, error, page, whole
from platforms.simulated.state import EBAY
from platforms.simulated.wire import ebay_care
from platforms.simulated.wire.ebay_orders import username
from platforms.simulated.wire.text import read_moment

RETURNS: Final = "/post-order/v2/return"
MESSAGES: Final = "/commerce/message/v1"
_NUMBERS: Final = Numbers("API_MESSAGE", limit=355009, offset=355008, filter=355005, date=355005, order=355004)
_TYPES: Final = ("FROM_EBAY", "FROM_MEMBERS")
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST: Final = 2000


def returns(call: Call) -> Any:
    start = _moment(call, "creation_date_range_from", _EVER)
    end = _moment(call, "creation_date_range_to", call.now)
    found = [one for one in call.channel.returns.values() if start <= one.requested_at <= end]
    size = whole(call, "limit", 25, 1, 200, 1616, "returnErrorDomain")
    skip = whole(call, "offset", 0, 0, 10**9, 1616, "returnErrorDomain")
    shown = found[::-1][skip : skip + size]
    pages = -(-len(found) // size)
    return {
        "members": [ebay_care.return_request(call.channel, one) for one in shown],
        "total": len(found),
        "paginationOutput": {"offset": skip, "limit": size, "totalPages": pages, "totalEntries": len(found)},
    }


def conversations(call: Call) -> Any:
    """Those in which something was said in the time asked for, the one with the newest word first."""
    _in_step(call)
    start, end = _moment(call, "start_time", _EVER), _moment(call, "end_time", call.now)
    if start > end:
        raise EbayRefused(400, error(355004, _NUMBERS.domain, "The start_time must be an earlier date than end_time."))
    found: list[Any] = []
    if _type(call) == "FROM_MEMBERS":
        for thread in call.channel.threads.values():
            said = [call.channel.letters[number].at for number in thread.letters]
            if any(start <= at <= end for at in said) and _fits(call, thread):
                found.append((max(said), thread))
    found.sort(key=lambda pair: (pair[0], pair[1].number), reverse=True)
    answer = page(call, f"{MESSAGES}/conversation", "conversations", found, _NUMBERS, default=25, most=50)
    answer["conversations"] = [ebay_care.conversation(call.channel, thread) for _, thread in answer["conversations"]]
    return answer


def conversation(call: Call) -> Any:
    """Newest message first."""
    _type(call)
    _in_step(call)
    thread = _thread(call, call.path["conversation_id"])
    letters: list[Any] = [call.channel.letters[number] for number in reversed(thread.letters)]
    path = f"{MESSAGES}/conversation/{call.path['conversation_id']}"
    answer = page(call, path, "messages", letters, _NUMBERS, default=25, most=50)
    answer["messages"] = [ebay_care.message(call.channel, letter) for letter in answer["messages"]]
    return {**answer, "conversationType": "FROM_MEMBERS", "conversationStatus": "ACTIVE"}


def send(call: Call) -> Any:
    text = call.body.get("messageText") if isinstance(call.body, Mapping) else None
    if not isinstance(text, str) or not text or len(text) > LONGEST:
        said = f"The messageText string exceeds the maximum character threshold of {LONGEST}."
        raise EbayRefused(400, error(355013, _NUMBERS.domain, said))
    if call.body.get("conversationId"):
        thread = _thread(call, str(call.body["conversationId"]))
    else:
        thread = _with(call, str(call.body.get("otherPartyUsername")))
    number = call.do("channel_message", text=text, thread=thread.number)
    printed = ebay_care.message(call.channel, call.channel.letters[number])
    names = {"senderUsername": "senderUserName", "recipientUsername": "recipientUserName"}
    return Answer({names.get(name, name): value for name, value in printed.items()}, 201)


def update(call: Call) -> Any:
    thread = _thread(call, str((call.body or {}).get("conversationId")))
    if isinstance(call.body.get("read"), bool):
        call.do("channel_read", thread=thread.number, read=call.body["read"])
    return Answer(None, 204)


def _fits(call: Call, thread: Thread) -> bool:
    printed = ebay_care.conversation(call.channel, thread)
    other, about = call.query.get("other_party_username"), call.query.get("reference_id")
    unread = {"UNREAD": True, "READ": False}.get(call.query.get("conversation_status", ""))
    return (
        other in (None, username(thread.customer))
        and about in (None, printed.get("referenceId"))
        and unread in (None, printed["unreadCount"] > 0)
    )


def _in_step(call: Call) -> None:
    """Here an offset must be a multiple of the limit."""
    size, start = call.query.get("limit", "25"), call.query.get("offset", "0")
    if size.isdigit() and start.isdigit() and int(size) and int(start) % int(size):
        raise EbayRefused(400, error(355008, _NUMBERS.domain, "Invalid offset: it must be a multiple of the limit."))


def _type(call: Call) -> str:
    kind = call.query.get("conversation_type", "")
    if kind not in _TYPES:
        raise EbayRefused(400, error(355002, _NUMBERS.domain, f"Invalid conversation_type value: {kind[:40]}"))
    return kind


def _thread(call: Call, text: str) -> Thread:
    found = call.channel.threads.get(read_id(EBAY, "thread", text) or 0)
    if found is None:
        raise EbayRefused(404, error(355007, _NUMBERS.domain, "Invalid or unrecognized conversation_id value."))
    return found


def _with(call: Call, name: str) -> Thread:
    """The newest conversation with this buyer."""
    for thread in reversed(call.channel.threads.values()):
        if username(thread.customer) == name:
            return thread
    raise EbayRefused(400, error(355006, _NUMBERS.domain, "Invalid or unrecognized otherPartyUsername value."))


def _moment(call: Call, name: str, default: datetime) -> datetime:
    text = call.query.get(name)
    try:
        return read_moment(text) if text else default
    except ValueError:
        raise EbayRefused(400, error(355005, _NUMBERS.domain, f"Invalid date format: {text}")) from None


_MESSAGES_A_DAY: Final = 100_000
OPERATIONS: Final = (
    Operation("search", "GET", f"{RETURNS}/search", "post-order", 100_000, returns),
    Operation(
        "getConversations", "GET", f"{MESSAGES}/conversation", "commerce.message", _MESSAGES_A_DAY, conversations
    ),
    Operation(
        "getConversation",
        "GET",
        f"{MESSAGES}/conversation/{{conversation_id}}",
        "commerce.message",
        _MESSAGES_A_DAY,
        conversation,
    ),
    Operation(
        "sendMessage", "POST", f"{MESSAGES}/send_message", "commerce.message", _MESSAGES_A_DAY, send, writes=True
    ),
    Operation(
        "updateConversation",
        "POST",
        f"{MESSAGES}/update_conversation",
        "commerce.message",
        _MESSAGES_A_DAY,
        update,
        writes=True,
    ),
)
