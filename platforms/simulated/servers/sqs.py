"""One SQS queue over AWS JSON 1.0, enough for boto3: POST with X-Amz-Target: AmazonSQS.<Action>.

A receipt handle is the message's id and a count; any handle of a message deletes it, as at the real service while
it is not received anew. Long polls end at once in lockstep, where no time can pass while one waits.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from platforms.simulated import credentials as demo
from platforms.simulated.queue import VISIBILITY_S
from platforms.simulated.servers.base import Servers
from platforms.simulated.simulation import REAL

_POLL_S: Final = 0.2
_TYPE: Final = "application/x-amz-json-1.0"


class SqsRefused(Exception):
    def __init__(self, kind: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.kind, self.message, self.status = kind, message, status


def routes(servers: Servers) -> list[Route]:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        servers.sim.follow()
        action = request.headers.get("x-amz-target", "").removeprefix("AmazonSQS.")
        try:
            _check_key(servers, request.headers.get("authorization", ""))
            body = orjson.loads(raw or b"{}")
            if action == "ReceiveMessage":
                return _send(200, await _receive(servers, body))
            if action not in ACTIONS:
                raise SqsRefused(
                    "com.amazon.coral.service#UnknownOperationException", f"{action or 'no action'} is not known"
                )
            return _send(200, ACTIONS[action](servers, body))
        except SqsRefused as refused:
            return _refuse(refused)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return _refuse(
                SqsRefused(
                    "com.amazonaws.sqs#InvalidParameterValue", "The request is missing a parameter or malformed."
                )
            )
        except OSError:
            return _refuse(SqsRefused("com.amazonaws.sqs#InternalFailure", "We encountered an internal error.", 500))

    return [Route("/sqs{rest:path}", answer, methods=["POST"])]


def _check_key(servers: Servers, authorization: str) -> None:
    """Only the key id is looked at: the simulator does not check signatures of AWS."""
    if f"Credential={servers.mine(demo.AWS_KEY_ID)}/" not in authorization:
        raise SqsRefused(
            "com.amazonaws.sqs#InvalidClientTokenId", "The security token included in the request is invalid.", 403
        )


def _url(servers: Servers) -> str:
    return f"{servers.base_url()}/sqs/{demo.AWS_ACCOUNT}/{servers.sim.world.queue.name}"


def _queue(servers: Servers, body: Mapping[str, Any]) -> None:
    """Refuse a queue that does not exist; the host of the URL is the client's matter."""
    if str(body["QueueUrl"]).rstrip("/").rsplit("/", 1)[-1] != servers.sim.world.queue.name:
        raise _unknown()


def _unknown() -> SqsRefused:
    return SqsRefused("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def _receive(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    most = int(body.get("MaxNumberOfMessages", 1))
    if not 1 <= most <= 10:
        raise SqsRefused("com.amazonaws.sqs#InvalidParameterValue", "MaxNumberOfMessages must be between 1 and 10.")
    hide_s = int(body.get("VisibilityTimeout", VISIBILITY_S))
    wait_s = min(20, int(body.get("WaitTimeSeconds", 0))) if servers.sim.pace == REAL else 0
    deadline = time.monotonic() + wait_s
    while True:
        found = servers.sim.world.queue.receive(servers.sim.now(), most, hide_s)
        if found or time.monotonic() >= deadline:
            break
        await _next(servers)
        servers.sim.follow()
    rows = []
    for message, count, first in found:
        row: dict[str, Any] = {
            "MessageId": message.message_id,
            "ReceiptHandle": f"{message.message_id}#{count}",
            "MD5OfBody": _md5(message.body),
            "Body": message.body,
        }
        told = {
            "SentTimestamp": _millis(message.sent_at),
            "ApproximateReceiveCount": str(count),
            "ApproximateFirstReceiveTimestamp": _millis(first),
            "SenderId": "AIDAIT2UOQQY3AUEKVGXU",
        }
        asked = body.get("MessageSystemAttributeNames") or body.get("AttributeNames") or []
        if asked:
            row["Attributes"] = {name: value for name, value in told.items() if "All" in asked or name in asked}
        rows.append(row)
    return {"Messages": rows} if rows else {}


async def _next(servers: Servers) -> None:
    """Until a message comes, or one that was late or hidden may have come into view."""
    queue, told = servers.sim.world.queue, asyncio.Event()
    queue.waiting.add(told)
    try:
        await asyncio.wait_for(told.wait(), _POLL_S)
    except TimeoutError:
        pass
    finally:
        queue.waiting.discard(told)


def _millis(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _id(handle: str) -> str:
    message_id, found, _ = handle.partition("#")
    if not found:
        raise SqsRefused("com.amazonaws.sqs#ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    return message_id


def _delete(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    servers.sim.do("queue_delete", ids=[_id(body["ReceiptHandle"])])
    return {}


def _entries(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries: list[Mapping[str, Any]] = body["Entries"]
    if not 1 <= len(entries) <= 10:
        kind = "EmptyBatchRequest" if not entries else "TooManyEntriesInBatchRequest"
        raise SqsRefused(f"com.amazonaws.sqs#{kind}", "A batch has 1 to 10 entries.")
    return entries


def _delete_batch(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    entries = _entries(body)
    servers.sim.do("queue_delete", ids=[_id(entry["ReceiptHandle"]) for entry in entries])
    return {"Successful": [{"Id": entry["Id"]} for entry in entries], "Failed": []}


def _send_message(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    text = str(body["MessageBody"])
    [message_id] = servers.sim.do("queue_send", bodies=[(text, int(body.get("DelaySeconds", 0)))])
    return {"MessageId": message_id, "MD5OfMessageBody": _md5(text)}


def _send_batch(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    entries = _entries(body)
    bodies = [(str(entry["MessageBody"]), int(entry.get("DelaySeconds", 0))) for entry in entries]
    ids = servers.sim.do("queue_send", bodies=bodies)
    sent = [
        {"Id": entry["Id"], "MessageId": message_id, "MD5OfMessageBody": _md5(text)}
        for entry, message_id, (text, _) in zip(entries, ids, bodies, strict=True)
    ]
    return {"Successful": sent, "Failed": []}


def _visibility(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    until = servers.sim.now() + timedelta(seconds=int(body["VisibilityTimeout"]))
    if not servers.sim.world.queue.hide(_id(body["ReceiptHandle"]), until):
        raise SqsRefused("com.amazonaws.sqs#MessageNotInflight", "The specified message isn't in flight.")
    return {}


def _visibility_batch(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in _entries(body):
        until = servers.sim.now() + timedelta(seconds=int(entry["VisibilityTimeout"]))
        if servers.sim.world.queue.hide(_id(entry["ReceiptHandle"]), until):
            done.append({"Id": entry["Id"]})
        else:
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": "MessageNotInflight"})
    return {"Successful": done, "Failed": failed}


def _create(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    """There is only one queue: creating it under another name renames it."""
    if body["QueueName"] != servers.sim.world.queue.name:
        servers.sim.do("queue_create", name=str(body["QueueName"]))
    return {"QueueUrl": _url(servers)}


def _get_url(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    if body["QueueName"] != servers.sim.world.queue.name:
        raise _unknown()
    return {"QueueUrl": _url(servers)}


def _attributes(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    visible, hidden, late = servers.sim.world.queue.counts(servers.sim.now())
    told = {
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesNotVisible": str(hidden),
        "ApproximateNumberOfMessagesDelayed": str(late),
        "VisibilityTimeout": str(VISIBILITY_S),
        "QueueArn": demo.queue_arn(),
    }
    asked = body.get("AttributeNames") or []
    return {"Attributes": {name: value for name, value in told.items() if "All" in asked or name in asked}}


def _purge(servers: Servers, body: Mapping[str, Any]) -> dict[str, Any]:
    _queue(servers, body)
    servers.sim.do("queue_purge")
    return {}


ACTIONS: Final[dict[str, Callable[[Servers, Mapping[str, Any]], dict[str, Any]]]] = {
    "DeleteMessage": _delete,
    "DeleteMessageBatch": _delete_batch,
    "SendMessage": _send_message,
    "SendMessageBatch": _send_batch,
    "ChangeMessageVisibility": _visibility,
    "ChangeMessageVisibilityBatch": _visibility_batch,
    "CreateQueue": _create,
    "GetQueueUrl": _get_url,
    "GetQueueAttributes": _attributes,
    "PurgeQueue": _purge,
}


def _refuse(refused: SqsRefused) -> Response:
    return _send(refused.status, {"__type": refused.kind, "message": refused.message})


def _send(status: int, content: Mapping[str, Any]) -> Response:
    raw = orjson.dumps(content)
    return Response(raw, status, {"x-amzn-RequestId": "00000000-0000-4000-8000-000000000000"}, media_type=_TYPE)
