"""The SQS queue that notifications come through: at least once, out of order, some twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from ecom_agent.errors import AuthFailed, ConfigError, TerminalError, TransientError
from ecom_agent.ports.reads import RawEvent
from ecom_agent.telemetry import CALLS
from platforms._shared.paging import chunks
from platforms.amazon.client import NAME
from platforms.amazon.settings import AmazonSettings

MOST: Final = 10
LONGEST_WAIT_S: Final = 20
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
T = TypeVar("T")


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
    """boto3 is imported and the client built at the first call."""

    def __init__(self, settings: AmazonSettings) -> None:
        self._settings = settings

    def receive(self, *, wait_s: int, most: int) -> Sequence[SqsEvent]:
        """At most `most` messages (SQS gives 10 at once), waiting up to `wait_s` (SQS: 20) for the first."""
        answer = self._call(
            "receiveMessage",
            lambda: self._client.receive_message(
                QueueUrl=_url(self._settings),
                MaxNumberOfMessages=min(MOST, max(1, most)),
                WaitTimeSeconds=min(LONGEST_WAIT_S, max(0, wait_s)),
                MessageSystemAttributeNames=[_TRIES],
            ),
        )
        return [_event(message) for message in answer.get("Messages", ())]

    def acknowledge(self, events: Sequence[RawEvent]) -> None:
        """Delete these messages. One that SQS keeps comes again and is known by its id: no harm."""
        for batch in chunks(events, MOST):
            entries = [{"Id": str(number), "ReceiptHandle": event.receipt} for number, event in enumerate(batch)]
            self._call("deleteMessageBatch", partial(self._delete, entries))

    def _delete(self, entries: Sequence[dict[str, str]]) -> Any:
        return self._client.delete_message_batch(QueueUrl=_url(self._settings), Entries=entries)

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        secret = self._settings.aws_secret_access_key
        return boto3.client(
            "sqs",
            region_name=self._settings.aws_region,
            endpoint_url=self._settings.queue_endpoint,
            aws_access_key_id=self._settings.aws_access_key_id,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=Config(
                connect_timeout=5, read_timeout=LONGEST_WAIT_S + 10, retries={"max_attempts": 3, "mode": "standard"}
            ),
        )

    def _call(self, operation: str, send: Callable[[], T]) -> T:
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        try:
            answer = send()
        except ClientError as error:
            CALLS.labels(NAME, operation, "refused").inc()
            raise _typed(operation, error) from None
        except NoCredentialsError:
            raise ConfigError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: none set and none found") from None
        except BotoCoreError as error:
            CALLS.labels(NAME, operation, "dropped").inc()
            raise TransientError(NAME, operation, f"no answer from the queue ({type(error).__name__})") from None
        CALLS.labels(NAME, operation, "200").inc()
        return answer


def _event(message: Mapping[str, Any]) -> SqsEvent:
    tries = message.get("Attributes", {}).get(_TRIES, "1")
    return SqsEvent(message["Body"].encode(), message["ReceiptHandle"], message["MessageId"], int(tries))


def _typed(operation: str, error: Any) -> Exception:
    """Codes, never the message: it repeats what was sent."""
    code = str(error.response.get("Error", {}).get("Code", "unknown"))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in _REFUSED:
        return AuthFailed(NAME, operation, f"the queue refuses these AWS keys ({code})", status=status)
    if code in _GONE:
        return TerminalError(NAME, operation, "no such queue: check QUEUE_URL", status=status)
    return TransientError(NAME, operation, f"the queue answered {code}")


def _url(settings: AmazonSettings) -> str:
    if settings.queue_url is None:
        raise ConfigError("QUEUE_URL: not set, so there are no notifications to read")
    return settings.queue_url
