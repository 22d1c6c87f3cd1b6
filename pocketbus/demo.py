"""Three small stories over a real socket, told step by step and checked as they go."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pocketbus.embedded import Emulator

Message = dict[str, Any]

_VISIBILITY_SECONDS = 30
_WORKERS = {
    "resize": "scales the photo to 1200 pixels",
    "strip-exif": "removes place and camera",
    "moderate": "looks for what may not be shown",
    "tag": "names what is on it",
}
_PHOTOS = ("berlin/tempelhof.jpg", "broken/half-an-upload.jpg", "kyoto/kamo-river.jpg")
_BROKEN = "broken/half-an-upload.jpg"


class UnexpectedError(Exception):
    """Something did not come out as the story says."""


@dataclass
class Stage:
    """Where a story plays: clients, a clock, and the lines it prints."""

    emulator: Emulator
    sqs: Any = field(init=False)
    sns: Any = field(init=False)
    events: Any = field(init=False)

    def __post_init__(self) -> None:
        self.sqs, self.sns, self.events = (self._client(name) for name in ("sqs", "sns", "events"))

    def _client(self, service: str) -> Any:
        import boto3  # noqa: PLC0415 - an optional extra, looked for by the command

        return boto3.client(
            service,
            endpoint_url=self.emulator.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - nothing here is a secret
        )

    def title(self, text: str) -> None:
        print(f"\n{text}\n{'-' * len(text)}")

    def say(self, text: str) -> None:
        print(f"   {text}")

    def expect(self, claim: str, actual: object, expected: object) -> None:
        if actual != expected:
            raise UnexpectedError(f"{claim}: expected {expected!r}, got {actual!r}")
        print(f"   ok  {claim}")

    def create_queue(self, name: str, **attributes: str) -> str:
        url: str = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def arn_of(self, url: str) -> str:
        names = ["QueueArn"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        arn: str = answer["Attributes"]["QueueArn"]
        return arn

    def receive(self, url: str) -> list[Message]:
        answer = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def delete(self, url: str, message: Message) -> None:
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def drain(self, url: str) -> list[Message]:
        """Receive and delete until nothing is left."""
        drained: list[Message] = []
        while messages := self.receive(url):
            for message in messages:
                self.delete(url, message)
            drained += messages
        return drained


def photo_fan_out(stage: Stage) -> None:
    stage.title("1. One photo upload, four workers")
    topic = stage.sns.create_topic(Name="photo-uploads")["TopicArn"]
    dead_letters = stage.create_queue("photos-that-failed")
    redrive = json.dumps({"deadLetterTargetArn": stage.arn_of(dead_letters), "maxReceiveCount": 3})
    queues = {
        worker: stage.create_queue(worker, RedrivePolicy=redrive, VisibilityTimeout=str(_VISIBILITY_SECONDS))
        for worker in _WORKERS
    }
    for url in queues.values():
        stage.sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=stage.arn_of(url),
            Attributes={"RawMessageDelivery": "true"},
        )
    for photo in _PHOTOS:
        stage.sns.publish(TopicArn=topic, Message=_upload(photo))
        stage.say(f"uploaded {photo}: published once")

    done = {worker: _work(stage, worker, url) for worker, url in queues.items()}
    for worker, what in _WORKERS.items():
        stage.say(f"{worker:<11} {what:<33} {len(done[worker])} done")
    stage.expect(
        "every worker but one finished all three photos", sorted(map(len, done.values())), [2, 3, 3, 3]
    )

    started_at = stage.emulator.now()
    while not (failed := stage.drain(dead_letters)):
        stage.emulator.advance(_VISIBILITY_SECONDS)
        _work(stage, "moderate", queues["moderate"])
    stage.say(f"the clock was moved on by {stage.emulator.now() - started_at:.0f} s; nobody waited for it")
    stage.expect("the broken upload is a dead letter", [_photo_of(letter) for letter in failed], [_BROKEN])
    stage.expect(
        "and says which queue gave up on it",
        failed[0]["Attributes"]["DeadLetterQueueSourceArn"].rpartition(":")[2],
        "moderate",
    )
    stage.expect("nothing is left over", [stage.drain(url) for url in queues.values()], [[], [], [], []])


def _upload(key: str) -> str:
    """Write the notification that S3 sends for a new object."""
    s3 = {"bucket": {"name": "photos"}, "object": {"key": key, "size": 2_483_114}}
    record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "us-east-1", "s3": s3}
    return json.dumps({"Records": [record]})


def _photo_of(message: Message) -> str:
    key: str = json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"]
    return key


def _work(stage: Stage, worker: str, url: str) -> list[str]:
    """Receive what there is, delete what could be finished; what could not comes back by itself."""
    finished = []
    for message in stage.receive(url):
        photo = _photo_of(message)
        if worker == "moderate" and photo == _BROKEN:
            attempt = message["Attributes"]["ApproximateReceiveCount"]
            stage.say(f"moderate    cannot read {photo}, attempt {attempt}")
            continue
        stage.delete(url, message)
        finished.append(photo)
    return finished


def order_routing(stage: Stage) -> None:
    stage.title("2. Orders, routed by what they hold")
    bus = stage.events.create_event_bus(Name="shop")["EventBusArn"]
    orders = {"source": ["shop.checkout"], "detail-type": ["order.placed"]}
    routes = {
        "high-value": [{"numeric": [">", 1000]}],
        "standard": [{"numeric": ["<=", 1000]}],
    }
    queues = {}
    for name, total in routes.items():
        queues[name] = stage.create_queue(f"orders-{name}")
        pattern = json.dumps({**orders, "detail": {"total": total}})
        stage.events.put_rule(Name=name, EventBusName="shop", EventPattern=pattern)
        target = {"Id": "queue", "Arn": stage.arn_of(queues[name]), "InputPath": "$.detail"}
        stage.events.put_targets(Rule=name, EventBusName="shop", Targets=[target])
        stage.say(f"rule {name:<11} total {json.dumps(total[0])}")
    totals = (12.5, 1000, 1000.01, 24_999)
    entries = [
        {
            "Source": "shop.checkout",
            "DetailType": "order.placed",
            "Detail": json.dumps({"order": number, "total": total}),
            "EventBusName": bus,
        }
        for number, total in enumerate(totals, start=1)
    ]
    answer = stage.events.put_events(Entries=entries)
    stage.expect("the bus took all four orders", answer["FailedEntryCount"], 0)
    landed = {
        name: [json.loads(m["Body"])["total"] for m in stage.drain(url)] for name, url in queues.items()
    }
    stage.expect("above 1000 went to the high-value queue", landed["high-value"], [1000.01, 24_999])
    stage.expect("everything else went to the standard queue", landed["standard"], [12.5, 1000])


def fifo_order(stage: Stage) -> None:
    stage.title("3. A FIFO queue: order in each group, no duplicates")
    url = stage.create_queue("payments.fifo", FifoQueue="true")
    steps = [
        ("anna", "authorise"),
        ("ben", "authorise"),
        ("anna", "capture"),
        ("anna", "capture"),
        ("ben", "refund"),
        ("anna", "receipt"),
    ]
    for customer, step in steps:
        stage.sqs.send_message(
            QueueUrl=url,
            MessageBody=step,
            MessageGroupId=customer,
            MessageDeduplicationId=f"{customer}-{step}",
        )
        stage.say(f"sent {step} for {customer}")
    received: dict[str, list[str]] = {}
    for message in stage.drain(url):
        received.setdefault(message["Attributes"]["MessageGroupId"], []).append(message["Body"])
    stage.expect(
        "anna's steps came in order, the second capture dropped",
        received["anna"],
        ["authorise", "capture", "receipt"],
    )
    stage.expect("ben's steps came in order", received["ben"], ["authorise", "refund"])


STORIES: Iterable[Callable[[Stage], None]] = (photo_fan_out, order_routing, fifo_order)
