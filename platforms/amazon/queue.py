"""The SQS queue that notifications come through: at least once, out of order, some twice.

SQS's JSON protocol over our own wire, signed by botocore with the keys of the settings or of its own chain: boto3's
client costs more for each call than everything else that is done with ten messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from ecom_agent.errors import AuthFailed, ConfigError, TerminalError, TransientError
from ecom_agent.ports.reads import RawEvent
from ecom_agent.telemetry import CALLS
from platforms._shared.paging import chunks
from platforms._shared.wire import Ask, Wire, wire
from platforms.amazon.client import NAME
from platforms.amazon.settings import AmazonSettings

MOST: Final = 10
LONGEST_WAIT_S: Final = 20
TRIES: Final = 3
_REFUSED: Final = frozenset(
    [
        "AccessDenied",
        "AccessDeniedException",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ]
)
_TRIES: Final = "ApproximateReceiveCount"
_GONE: Final = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


@dataclass(frozen=True, slots=True)
class SqsEvent:
    """One message as received. `receipt` is SQS's handle to delete it, good until it is shown again.

    `tries` counts how often it was received, this time included.
    """

    body: bytes = field(repr=False)
    receipt: str = field(repr=False)
    message_id: str
    tries: int = 1


def arn(settings: AmazonSettings) -> str:
    """The queue's name as Amazon's notifications want it, from its URL (…/<account id>/<name>)."""
    parts = urlsplit(_url(settings)).path.strip("/").split("/")
    if len(parts) < 2:
        raise ConfigError("QUEUE_URL: wanted https://sqs.<region>.amazonaws.com/<account id>/<queue name>")
    return f"arn:aws:sqs:{settings.aws_region}:{parts[-2]}:{parts[-1]}"


class Queue:
    """botocore is imported at the first call. Safe between threads."""

    def __init__(self, settings: AmazonSettings) -> None:
        self._settings = settings

    def receive(self, *, wait_s: int, most: int) -> Sequence[SqsEvent]:
        """At most `most` messages (SQS gives 10 at once), waiting up to `wait_s` (SQS: 20) for the first."""
        asked = {
            "MaxNumberOfMessages": min(MOST, max(1, most)),
            "WaitTimeSeconds": min(LONGEST_WAIT_S, max(0, wait_s)),
            "MessageSystemAttributeNames": [_TRIES],
        }
        return [_event(message) for message in self._call("ReceiveMessage", asked).get("Messages", ())]

    def acknowledge(self, events: Sequence[RawEvent]) -> None:
        """Delete these messages. One that SQS keeps comes again and is known by its id: no harm."""
        for batch in chunks(events, MOST):
            entries = [{"Id": str(number), "ReceiptHandle": event.receipt} for number, event in enumerate(batch)]
            self._call("DeleteMessageBatch", {"Entries": entries})

    def close(self) -> None:
        self._wire.close()

    def _call(self, action: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """One call, tried again where the queue did not answer: neither receiving nor deleting twice does harm."""
        operation, url = action[0].lower() + action[1:], _url(self._settings)
        body, error = orjson.dumps({"QueueUrl": url, **asked}), TransientError(NAME, operation, "not tried")
        for _ in range(TRIES):
            headers = self._signed(action, body)
            try:
                answer = self._wire.exchange(Ask("POST", self._endpoint, headers, body))
            except httpx.TransportError as dropped:
                CALLS.labels(NAME, operation, "dropped").inc()
                error = TransientError(NAME, operation, f"no answer from the queue ({type(dropped).__name__})")
                continue
            CALLS.labels(NAME, operation, str(answer.status)).inc()
            if answer.status == 200:
                return _object(answer.body)
            refused = _typed(operation, answer.status, answer.body)
            if answer.status < 500:
                raise refused
            error = TransientError(NAME, operation, str(refused))
        raise error

    def _signed(self, action: str, body: bytes) -> dict[str, str]:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        named = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
        request = AWSRequest("POST", self._endpoint, data=body, headers=named)
        SigV4Auth(self._credentials.get_frozen_credentials(), "sqs", self._settings.aws_region).add_auth(request)
        return dict(request.headers)

    @cached_property
    def _wire(self) -> Wire:
        return wire(LONGEST_WAIT_S + 10)

    @cached_property
    def _endpoint(self) -> str:
        return self._settings.queue_endpoint or f"https://{urlsplit(_url(self._settings)).hostname}/"

    @cached_property
    def _credentials(self) -> Any:
        from botocore.credentials import Credentials
        from botocore.session import Session

        key_id, secret = self._settings.aws_access_key_id, self._settings.aws_secret_access_key
        if key_id and secret:
            return Credentials(key_id, secret.get_secret_value())
        found = Session().get_credentials()
        if found is None:
            raise ConfigError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: none set and none found")
        return found


def _event(message: Mapping[str, Any]) -> SqsEvent:
    tries = message.get("Attributes", {}).get(_TRIES, "1")
    return SqsEvent(message["Body"].encode(), message["ReceiptHandle"], message["MessageId"], int(tries))


def _typed(operation: str, status: int, body: bytes) -> AuthFailed | TerminalError | TransientError:
    """Codes, never the message: it repeats what was sent."""
    code = str(_object(body).get("__type", "unknown")).rpartition("#")[2]
    if code in _REFUSED:
        return AuthFailed(NAME, operation, f"the queue refuses these AWS keys ({code})", status=status)
    if code in _GONE:
        return TerminalError(NAME, operation, "no such queue: check QUEUE_URL", status=status)
    return TransientError(NAME, operation, f"the queue answered {code}")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, Mapping) else {}


def _url(settings: AmazonSettings) -> str:
    if settings.queue_url is None:
        raise ConfigError("QUEUE_URL: not set, so there are no notifications to read")
    return settings.queue_url
