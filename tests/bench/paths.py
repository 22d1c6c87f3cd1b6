"""Requests carried out in this process, from their bytes to the answer's: what the layers above a socket cost."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.types import Message

from pocketbus.apis.app import App, create_app
from pocketbus.apis.codec.answer import Answer
from pocketbus.emulator.engine import Engine

TEN = range(10)
BODY = "x" * 200
_URL = "http://localhost:4566/000000000000/"
_ARN = "arn:aws:{}:us-east-1:000000000000:{}"


class Paths:
    """One engine with what the works need, and the works: each carries one request out."""

    def __init__(self) -> None:
        engine = Engine()
        engine.timers.attach(asyncio.get_running_loop())
        self._app: App = create_app(engine)
        self._json("AmazonSQS.CreateQueue", QueueName="sent")
        self._json("AmazonSQS.CreateQueue", QueueName="received", Attributes={"VisibilityTimeout": "0"})
        for queues in (0, 1, 10):
            self.make_topic(f"to-{queues}", queues)
        for bus, rules in (("ruled", 10), ("bare", 0)):
            self.make_bus(bus, rules)
        for _ in TEN:
            self._json("AmazonSQS.SendMessage", QueueUrl=f"{_URL}received", MessageBody=BODY)
        entries = [{"Id": str(number), "MessageBody": BODY} for number in TEN]
        self.works: Mapping[str, Callable[[], Answer]] = {
            "SendMessage": self._work("AmazonSQS.SendMessage", QueueUrl=f"{_URL}sent", MessageBody=BODY),
            "SendMessageBatch of ten": self._work(
                "AmazonSQS.SendMessageBatch", QueueUrl=f"{_URL}sent", Entries=entries
            ),
            "ReceiveMessage of ten": self._work(
                "AmazonSQS.ReceiveMessage", QueueUrl=f"{_URL}received", MaxNumberOfMessages=10
            ),
            "Publish to 0 queues": self.publish("to-0"),
            "Publish to 1 queue": self.publish("to-1"),
            "Publish to 10 queues": self.publish("to-10"),
            "PutEvents without a rule": self.put("bare", {"state": "paid"}),
            "PutEvents with 10 matching rules": self.put("ruled", {"state": "paid"}),
            "PutEvents with 10 KB of detail": self.put("bare", {"state": "paid", "rest": ["x" * 100] * 100}),
        }

    def queue(self, name: str) -> str:
        """Make a queue, and return its URL."""
        self._json("AmazonSQS.CreateQueue", QueueName=name)
        return f"{_URL}{name}"

    def sending(self, queue: str, body: str) -> Callable[[], Answer]:
        """Return what sends a body."""
        return self._work("AmazonSQS.SendMessage", QueueUrl=queue, MessageBody=body)

    def cycling(self, queue: str) -> Callable[[], None]:
        """Return what sends a message, receives one and deletes it."""
        send = self.sending(queue, BODY)
        receive = self._work("AmazonSQS.ReceiveMessage", QueueUrl=queue)

        def cycle() -> None:
            send()
            (received,) = json.loads(receive().body)["Messages"]
            self._json("AmazonSQS.DeleteMessage", QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"])

        return cycle

    def make_topic(self, name: str, queues: int) -> None:
        self._form(Action="CreateTopic", Name=name)()
        for number in range(queues):
            queue = f"{name}-{number}"
            self._json("AmazonSQS.CreateQueue", QueueName=queue)
            self._form(
                Action="Subscribe",
                TopicArn=_ARN.format("sns", name),
                Protocol="sqs",
                Endpoint=_ARN.format("sqs", queue),
            )()

    def make_bus(self, name: str, rules: int, matching: int | None = None) -> None:
        """Make a bus; of its rules all match an order that is paid, or the last few."""
        self._json("AWSEvents.CreateEventBus", Name=name)
        others = 0 if matching is None else rules - matching
        for number in range(rules):
            state = f"state-{number}" if number < others else "paid"
            rule = {"EventBusName": name, "Name": f"rule-{number}"}
            pattern = json.dumps({"detail": {"state": [state]}})
            self._json("AWSEvents.PutRule", **rule, EventPattern=pattern)

    def publish(self, topic: str) -> Callable[[], Answer]:
        return self._form(Action="Publish", TopicArn=_ARN.format("sns", topic), Message=BODY)

    def put(self, bus: str, detail: dict[str, Any]) -> Callable[[], Answer]:
        entry = {"EventBusName": bus, "Source": "shop", "DetailType": "order", "Detail": json.dumps(detail)}
        return self._work("AWSEvents.PutEvents", Entries=[entry])

    def _json(self, target: str, **members: Any) -> None:
        self._work(target, **members)()

    def _work(self, target: str, **members: Any) -> Callable[[], Answer]:
        service = "events" if target.startswith("AWSEvents") else "sqs"
        headers = [(b"x-amz-target", target.encode()), (b"content-type", b"application/x-amz-json-1.1")]
        return self._carrying_out(service, headers, json.dumps(members).encode())

    def _form(self, **members: str) -> Callable[[], Answer]:
        headers = [(b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")]
        return self._carrying_out("sns", headers, urlencode({**members, "Version": "2010-03-31"}).encode())

    def _carrying_out(
        self, service: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Callable[[], Answer]:
        authorization = (
            b"AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/%b/aws4_request, "
            b"SignedHeaders=content-type;host;x-amz-date, Signature=00" % service.encode()
        )
        headers = [(b"host", b"localhost:4566"), *headers, (b"authorization", authorization)]
        scope = {
            "type": "http",
            "method": "POST",
            "scheme": "http",
            "path": "/",
            "raw_path": b"/",
            "query_string": b"",
            "headers": headers,
        }

        def carry_out() -> Answer:
            answer = self._app.answer(scope, dict(headers), _receive_nothing, body)
            assert isinstance(answer, Answer)
            assert answer.status == 200, answer.body
            return answer

        return carry_out


async def _receive_nothing() -> Message:
    raise AssertionError("what is carried out at once receives nothing")
