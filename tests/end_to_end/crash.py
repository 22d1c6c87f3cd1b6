"""Clients of a server that is killed at any moment, and what each of them was told and may rely on."""

import base64
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any
from urllib.parse import urlencode

import cbor2

ACCOUNT = "000000000000"
_ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
STANDARD, FIFO, FAN, EVENTS = "standard", "orders.fifo", ("fan-a", "fan-b"), "events"
SOURCE, PIPED = "source", "piped"
"""The queues that a pipe leads from and to."""
LOGGED = "logged"
"""The queue that a subscriber of a custom event bus has its events delivered to."""
MAPPED, WORKER = "mapped", "worker"
"""The queue that a mapping brings to a function."""
QUEUES = (STANDARD, FIFO, *FAN, EVENTS, PIPED, LOGGED, MAPPED)
UNAVAILABLE = 503
TARGETS = {"sqs": "AmazonSQS", "events": "AWSEvents"}
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
_CBOR = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
_RUNTIME = f"/_pocketbus/functions/{WORKER}/2018-06-01/runtime/invocation"


class GoneError(Exception):
    """The server does not answer, or not now: what was asked for may have been done or not."""


@dataclass
class Told:
    """What clients know of the messages of one queue, by their bodies."""

    sent: set[str] = field(default_factory=set)
    """The server has said that it has it."""
    deleted: set[str] = field(default_factory=set)
    """The server has said that it is gone."""
    perhaps_deleted: set[str] = field(default_factory=set)
    """That was asked for."""

    def must_be_there(self) -> set[str]:
        return self.sent - self.deleted - self.perhaps_deleted


class Client:
    """One connection; each instance belongs to one thread."""

    def __init__(self, port: int, host: str = "127.0.0.1", seconds: float = 30) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=seconds)

    def json(self, service: str, operation: str, **params: Any) -> Any:
        headers = {
            "X-Amz-Target": f"{TARGETS[service]}.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        return json.loads(self._ask("POST", "/", json.dumps(params), headers) or "{}")

    def sns(self, **params: str) -> str:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", "/", urlencode(params), headers).decode()

    def cbor(self, operation: str, **params: Any) -> Any:
        """Call an operation of custom event buses."""
        path = f"/service/AWSEventsV2/operation/{operation}"
        return cbor2.loads(self._ask("POST", path, cbor2.dumps(params), _CBOR))

    def rest(self, path: str, **params: Any) -> Any:
        return json.loads(self._ask("POST", path, json.dumps(params), {"Content-Type": "application/json"}))

    def control(self, path: str, method: str = "GET") -> Any:
        return json.loads(self._ask(method, f"/_pocketbus/{path}", "", {}))

    def invocation(self) -> tuple[str, list[str]]:
        """Be a worker of the function, and return the next invocation's id and the messages that it is about."""
        body = self._ask("GET", f"{_RUNTIME}/next", "", {"pocketbus-worker": WORKER})
        records = json.loads(body)["Records"]
        return self._headers["lambda-runtime-aws-request-id"], [record["body"] for record in records]

    def answer(self, request_id: str) -> None:
        self._ask("POST", f"{_RUNTIME}/{request_id}/response", "null", {})

    def _ask(self, method: str, path: str, body: str | bytes, headers: dict[str, str]) -> bytes:
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise GoneError from error
        if answer.status == UNAVAILABLE:
            raise GoneError
        assert answer.status < 300, text
        self._headers = answer.headers
        return text

    def close(self) -> None:
        self._connection.close()


def url(queue: str) -> str:
    return f"http://localhost:4566/{ACCOUNT}/{queue}"


class Crowd:
    """Sixteen clients, for as long as the server is there; again and again, with what they were told before."""

    def __init__(self, number: int) -> None:
        self.told = {queue: Told() for queue in QUEUES}
        self.receipts: list[tuple[str, str, str]] = []
        """Queue, body and handle of what was received and not deleted yet."""
        self.sequence: dict[str, list[str]] = {}
        """What was sent to each group of the FIFO queue, in order."""
        self.uncertain: dict[str, str] = {}
        """The last body of each group that nobody has answered for."""
        self.bus = ""
        """The ARN of the custom event bus."""
        self._random = Random(number)
        self._bodies = count()
        self._lock = threading.Lock()

    def body(self, prefix: str = "") -> str:
        return f"{prefix}{next(self._bodies):08}"

    def prepare(self, client: Client) -> None:
        for queue in (*QUEUES, SOURCE):
            fifo = {"FifoQueue": "true"} if queue == FIFO else {}
            attributes = {"VisibilityTimeout": "600", **fifo}
            client.json("sqs", "CreateQueue", QueueName=queue, Attributes=attributes)
        client.sns(Action="CreateTopic", Version="2010-03-31", Name="news")
        for queue in FAN:
            client.sns(
                Action="Subscribe",
                Version="2010-03-31",
                TopicArn=_ARN("sns", "news"),
                Protocol="sqs",
                Endpoint=_ARN("sqs", queue),
                **{"Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "true"},
            )
        client.json("events", "PutRule", Name="all", EventPattern='{"source": ["shop"]}')
        target = {"Id": "queue", "Arn": _ARN("sqs", EVENTS), "InputPath": "$.detail.body"}
        client.json("events", "PutTargets", Rule="all", Targets=[target])
        self._prepare_what_goes_on_by_itself(client)

    def _prepare_what_goes_on_by_itself(self, client: Client) -> None:
        client.rest(
            "/v1/pipes/p",
            Source=_ARN("sqs", SOURCE),
            Target=_ARN("sqs", PIPED),
            RoleArn=_ROLE,
            TargetParameters={"InputTemplate": "<$.body>"},
        )
        code = {"ZipFile": base64.b64encode(b"PK\x05\x06" + bytes(18)).decode()}
        client.rest(
            "/2015-03-31/functions",
            FunctionName=WORKER,
            Role=_ROLE,
            Code=code,
            Runtime="python3.12",
            Handler="a.b",
        )
        client.rest(
            "/2015-03-31/event-source-mappings",
            FunctionName=WORKER,
            EventSourceArn=_ARN("sqs", MAPPED),
            BatchSize=5,
        )
        self.bus = client.cbor("CreateEventBus", Name="shop")["EventBusArn"]
        client.control("clock/advance?by=1", "POST")
        invoke = {"TargetArn": _ARN("sqs", LOGGED), "RoleArn": _ROLE}
        client.cbor("CreateSubscriber", Name="s", EventBusArn=self.bus, InvokeConfiguration=invoke)

    def work(self, port: int) -> list[threading.Thread]:
        """Start the clients; each ends when the server is gone."""
        threads = [threading.Thread(target=self._repeat, args=(port, step)) for step in self.steps()]
        for thread in threads:
            thread.start()
        return threads

    def steps(self) -> list[Callable[[Client], None]]:
        """Return what each of the clients does again and again."""
        steps: list[Callable[[Client], None]] = [
            *[self._send] * 2,
            *[self._receive] * 2,
            *[self._group(name) for name in ("a", "b", "c")],
            self._receive_fifo,
            self._send_to_pipe,
            self._send_to_mapping,
            self._put_custom_event,
            self._be_a_worker,
            self._publish,
            self._put_event,
            self._poll,
            self._delete_late,
        ]
        assert len(steps) == 16
        return steps

    def _repeat(self, port: int, step: Callable[[Client], None]) -> None:
        client = Client(port)
        try:
            while True:
                step(client)
        except GoneError:
            return
        finally:
            client.close()

    # What they do

    def _send(self, client: Client) -> None:
        body = self.body()
        client.json("sqs", "SendMessage", QueueUrl=url(STANDARD), MessageBody=body)
        self.told[STANDARD].sent.add(body)

    def _group(self, name: str) -> Callable[[Client], None]:
        sequence = self.sequence.setdefault(name, [])

        def send(client: Client) -> None:
            # Whoever was not answered asks again, as SDKs do: it is the same message.
            body = self.uncertain.get(name) or self.body(f"{name} ")
            self.uncertain[name] = body
            client.json(
                "sqs",
                "SendMessage",
                QueueUrl=url(FIFO),
                MessageBody=body,
                MessageGroupId=name,
                MessageDeduplicationId=body.replace(" ", "-"),
            )
            del self.uncertain[name]
            sequence.append(body)
            self.told[FIFO].sent.add(body)

        return send

    def _publish(self, client: Client) -> None:
        body = self.body()
        client.sns(Action="Publish", Version="2010-03-31", TopicArn=_ARN("sns", "news"), Message=body)
        for queue in FAN:
            self.told[queue].sent.add(body)

    def _put_event(self, client: Client) -> None:
        body = self.body()
        entry = {"Source": "shop", "DetailType": "order", "Detail": json.dumps({"body": body})}
        client.json("events", "PutEvents", Entries=[entry])
        self.told[EVENTS].sent.add(json.dumps(body))

    def _send_to_pipe(self, client: Client) -> None:
        body = self.body()
        client.json("sqs", "SendMessage", QueueUrl=url(SOURCE), MessageBody=body)
        self.told[PIPED].sent.add(body)

    def _send_to_mapping(self, client: Client) -> None:
        body = self.body()
        client.json("sqs", "SendMessage", QueueUrl=url(MAPPED), MessageBody=body)
        self.told[MAPPED].sent.add(body)

    def _be_a_worker(self, client: Client) -> None:
        request_id, bodies = client.invocation()
        self.told[MAPPED].perhaps_deleted.update(bodies)
        client.answer(request_id)

    def _put_custom_event(self, client: Client) -> None:
        body = self.body()
        data = {"Data": json.dumps(body).encode(), "SystemMetadata": {"ContentType": "application/json"}}
        client.cbor("PutRawEvents", EventBusArn=self.bus, Entries=[data])
        self.told[LOGGED].sent.add(json.dumps(body))

    def _receive(self, client: Client) -> None:
        self._take(client, self._random.choice((STANDARD, EVENTS, PIPED, LOGGED)))

    def _receive_fifo(self, client: Client) -> None:
        self._take(client, FIFO)

    def _poll(self, client: Client) -> None:
        self._take(client, FAN[0], WaitTimeSeconds=1)

    def _take(self, client: Client, queue: str, **params: Any) -> None:
        found = client.json("sqs", "ReceiveMessage", QueueUrl=url(queue), MaxNumberOfMessages=5, **params)
        for message in found.get("Messages", ()):
            body, handle = message["Body"], message["ReceiptHandle"]
            if queue != FIFO and self._random.random() < 0.3:
                self.receipts.append((queue, body, handle))
            else:
                self._delete(client, queue, body, handle)

    def _delete(self, client: Client, queue: str, body: str, handle: str) -> None:
        told = self.told[queue]
        told.perhaps_deleted.add(body)
        client.json("sqs", "DeleteMessage", QueueUrl=url(queue), ReceiptHandle=handle)
        told.deleted.add(body)

    def _delete_late(self, client: Client) -> None:
        """Delete by a receipt of some time ago, perhaps of before the crash."""
        with self._lock:
            taken = self.receipts.pop(0) if len(self.receipts) > 20 else None
        if taken is None:
            client.control("health")
        else:
            self._delete(client, *taken)

    # What has to be so

    def hold(self, client: Client) -> None:
        """Assert that the server has what it said it had, and nothing twice or gone that it may not."""
        for queue, told in self.told.items():
            on_their_way = list(_bodies(client, SOURCE)) if queue == PIPED else []
            bodies = list(_bodies(client, queue))
            there = {*bodies, *on_their_way}
            assert told.must_be_there() - there == set(), f"lost in {queue}"
            assert told.deleted & there == set(), f"back in {queue}"
            assert len(bodies) == len(set(bodies)), f"twice in {queue}"
            # What nobody asks for again, nobody has to look for.
            told.sent &= there
            told.perhaps_deleted &= there
        self._hold_order(list(_bodies(client, FIFO)))

    def _hold_order(self, bodies: list[str]) -> None:
        for name, sequence in self.sequence.items():
            mine = [body for body in bodies if body.startswith(f"{name} ")]
            there, sent = set(mine), set(sequence)
            known = [body for body in sequence if body in there]
            assert [body for body in mine if body in sent] == known, f"out of order in the group {name}"
            assert there - sent <= {self.uncertain.get(name)}, f"made up in the group {name}"
            # What is gone is not back: that was held before.
            sequence[:] = known


def _bodies(client: Client, queue: str) -> Iterator[str]:
    after = ""
    while True:
        page = client.control(f"messages?queue={queue}&limit=1000{after}")
        yield from (message["body"] for message in page["messages"])
        if page["next"] is None:
            return
        after = f"&after={page['next']}"
