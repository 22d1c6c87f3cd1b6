"""What a scenario sees of an AWS, and the transcript it leaves: each step's result or error, made comparable."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

Transcript = dict[str, dict[str, Any]]
"""The steps by name: `operation`, and `result` or `error`."""

Scenario = Callable[["Aws"], None]

# The members that differ from one AWS to the next by right. Equal values become equal marks.
_VOLATILE = {
    "MessageId": "id",
    "ReceiptHandle": "handle",
    "TaskHandle": "task",
    "SequenceNumber": "sequence number",
    "NextToken": "token",
    "SubscriptionArn": "subscription",
    "EndpointArn": "device",
    "EventId": "event",
}

# Epoch seconds or milliseconds: their digits say which of the two, and no more can be compared.
_TIMES = frozenset(
    {
        "ApproximateFirstReceiveTimestamp",
        "CreatedTimestamp",
        "LastModifiedTimestamp",
        "SentTimestamp",
        "StartedTimestamp",
    }
)
_ADDRESS = re.compile(r"https?://[^/\"\s]+(?=/\d{12}/)")

# One error has another text in each protocol, on AWS too.
_QUERY_TEXT = "The specified queue does not exist for this wsdl version."
_JSON_TEXT = "The specified queue does not exist."


class Aws:
    """Clients by service; `advance` moves the clock of what they reach by some seconds."""

    def __init__(self, clients: Mapping[str, Any], advance: Callable[[float], object]) -> None:
        self._clients = clients
        self.advance = advance
        self.transcript: Transcript = {}
        self._marks: dict[str, str] = {}
        self._step = ""

    def __call__(self, step: str, operation: str, **params: Any) -> Any:
        """Make a call such as `sqs.send_message` and note its outcome; return the result, or {} after an error."""
        if step in self.transcript:
            raise ValueError(f"there are two steps {step}")
        self._step = step
        service, _, method = operation.partition(".")
        try:
            result = getattr(self._clients[service], method)(**params)
        except ClientError as error:
            self.transcript[step] = {"operation": operation, "error": self._error(error)}
            return {}
        del result["ResponseMetadata"]
        self.transcript[step] = {"operation": operation, "result": self._comparable(result)}
        return result

    def protocol_of(self, service: str) -> str:
        protocol: str = self._clients[service].meta.service_model.resolved_protocol
        return protocol

    def make_queue(self, name: str = "orders", **attributes: str) -> str:
        """Make a queue on the way to what the scenario is about, and return its URL."""
        if name.endswith(".fifo"):
            attributes["FifoQueue"] = "true"
        url: str = self._clients["sqs"].create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def make_topic(self, name: str = "news") -> str:
        """Make a topic on the way to what the scenario is about, and return its ARN."""
        arn: str = self._clients["sns"].create_topic(Name=name)["TopicArn"]
        return arn

    def arn_of(self, url: str) -> str:
        answer = self._clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn: str = answer["Attributes"]["QueueArn"]
        return arn

    def handle(self, url: str, **params: Any) -> str:
        """Receive one message on the way, and return its receipt handle."""
        (message,) = self._clients["sqs"].receive_message(QueueUrl=url, **params)["Messages"]
        self._mark("handle", message["ReceiptHandle"])
        handle: str = message["ReceiptHandle"]
        return handle

    def _error(self, error: ClientError) -> dict[str, Any]:
        found = error.response["Error"]
        text = found["Message"].replace(_QUERY_TEXT, _JSON_TEXT)
        return {
            "code": found["Code"],
            "message": self._text(text),
            "fault": found.get("Type"),
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
        }

    def _comparable(self, value: Any, name: str = "") -> Any:
        match value:
            case dict():
                return {key: self._comparable(item, key) for key, item in value.items()}
            case list():
                return [self._comparable(item, name) for item in value]
            case int() | str() if name in _TIMES:
                return _time(str(value))
            case str():
                return self._comparable_text(value, name)
            case _:
                return value

    def _comparable_text(self, text: str, name: str) -> str:
        if name == "SenderId":  # an account's number here, a user's id in moto
            return "<sender>"
        return self._mark(_VOLATILE[name], text) if name in _VOLATILE else self._text(text)

    def _mark(self, kind: str, value: str) -> str:
        """Name a value after the step that showed it first, so that one step more shifts no other's marks."""
        mark = f"<{kind} of {self._step}"
        count = sum(known.startswith(mark) for known in self._marks.values())
        return self._marks.setdefault(value, f"{mark}, {count + 1}>")

    def _text(self, text: str) -> str:
        for value, mark in self._marks.items():
            text = text.replace(value, mark)
        return _ADDRESS.sub("<address>", text)


def _time(text: str) -> str:
    return f"<time of {len(text)} digits>" if text.isdigit() else "<time with a fraction>"
