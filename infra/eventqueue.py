"""The queue that S3 tells of new objects, through SQS: receive, delete. Knows messages, not what they say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from schemas.errors import Transient

_AT_ONCE = 10  # as many as the protocol allows
_POLL_SECONDS = 20  # likewise


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `received` is how often it has been handed out, this time counted."""

    id: str
    body: str = field(repr=False)
    receipt: str = field(repr=False)
    received: int


class EventQueue:
    """One queue. What is received and not deleted comes again after the queue's visibility timeout.

    Every method raises `Transient` where the queue can't be used, with the code of its refusal if it gave one.
    """

    def __init__(self, url: str, region: str) -> None:
        """`url` is the queue's own; its host is the one that is spoken to, AWS's or another's."""
        self.url = url
        self._region = region
        self._client: Any = None

    def receive(self, seconds: int = _POLL_SECONDS) -> list[Message]:
        """Up to ten messages; waits so long for the first."""
        with _translated():
            answer = self._connect().receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=_AT_ONCE,
                WaitTimeSeconds=seconds,
                AttributeNames=["ApproximateReceiveCount"],
            )
        return [
            Message(
                each["MessageId"],
                each["Body"],
                each["ReceiptHandle"],
                int(each.get("Attributes", {}).get("ApproximateReceiveCount", 1)),
            )
            for each in answer.get("Messages", [])
        ]

    def delete(self, message: Message) -> None:
        """The message has been acted on, for good."""
        with _translated():
            self._connect().delete_message(QueueUrl=self.url, ReceiptHandle=message.receipt)

    def _connect(self) -> Any:
        if self._client is None:
            # Imported late, like the object store's: not every process needs it.
            from boto3.session import Session

            place = urlsplit(self.url)
            self._client = Session().client(
                "sqs",
                endpoint_url=f"{place.scheme}://{place.netloc}",
                region_name=self._region,
                config=Config(
                    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3}
                ),
            )
        return self._client


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise Transient(f"The event queue refused {error.operation_name}: {code}.") from None
    except BotoCoreError as error:
        raise Transient(f"The event queue can't be reached: {type(error).__name__}.") from None
