"""Traffic of all kinds on one engine: random, the same for the same number, by many clients, some of whom leave."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Any

from starlette.types import Message

from pocketbus.apis.app import create_app
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.deliveries.failures import TargetTimedOut, TargetUnreachable
from pocketbus.emulator.deliveries.http_answer import HttpAnswer
from pocketbus.emulator.deliveries.http_client import HttpClient
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import ask, scope_of
from tests.property.world import Request, protocols, read, request_of, written_of

_SERVICES = {service.name: service for service in SERVICES}
_URL = "http://localhost:4566/000000000000/{}".format
ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
_ROLE = "arn:aws:iam::000000000000:role/worker"
_KEY = "a secret of enough bytes"
_WEBHOOK = "http://127.0.0.1:9/hook"
QUEUES = ("orders", "slow", "dead", "orders.fifo", "work")


class Refused(Exception):
    """A client was answered with an error, which is often what is wanted."""


class Traffic:
    """Clients of one engine; whom it asks outside answers after some turns, or not, by other choices than its own."""

    def __init__(self, engine: Engine, number: int) -> None:
        self.serve(engine)
        self.random = Random(number)
        self.outside = Random(f"outside {number}")
        self.receipts: list[tuple[str, str]] = []
        self.polls: list[tuple[asyncio.Task[Any], asyncio.Queue[Message]]] = []
        self.documents: list[bytes] = []
        self.workers: list[asyncio.Task[None]] = []
        self.bus = self.source = ""
        self.subscribers: list[str] = []
        self.asked: list[str] = []
        """The URLs that were asked."""
        self.status: int | None = None
        """What they answer, 0: nothing at all; None: by chance."""

    def serve(self, engine: Engine) -> None:
        """Be the clients of an engine from now on."""
        self.engine = engine
        self.app = create_app(engine)

    async def call(self, service: str, operation: str, **params: Any) -> Any:
        """Perform an operation. Raise Refused."""
        one = _SERVICES[service]
        protocol = protocols(one)[0]
        request = _request(service, operation, params)
        try:
            reply = await ask(
                self.app,
                request.body,
                method=request.method,
                path=request.path,
                query=request.query,
                headers=request.headers,
            )
        except ValueError:
            raise Refused("the connection was cut") from None
        if operation == "Invoke":  # whose payload botocore reads as a stream
            return {}
        outcome = read(one, protocol, one.model.operations[operation], reply)
        if outcome.result is None:
            raise Refused(outcome.code)
        return outcome.result

    async def control(self, method: str, path: str, query: str = "", body: bytes = b"") -> bytes:
        reply = await ask(self.app, body, method=method, path=f"/_pocketbus/{path}", query=query)
        if reply.status >= 400:
            raise Refused(reply.text)
        return reply.body

    async def make_queues(self, *names: str) -> None:
        for name in names:
            await self.call("sqs", "CreateQueue", QueueName=name)

    async def pipe(self, name: str, source: str, target: str, **settings: Any) -> None:
        """Make one from a queue to another, if nothing else is said."""
        await self.call(
            "pipes",
            "CreatePipe",
            **{"Name": name, "Source": ARN("sqs", source), "Target": ARN("sqs", target), "RoleArn": _ROLE}
            | settings,
        )

    async def send(self, queue: str, body: str, *, make: bool = False) -> None:
        if make:
            await self.call("sqs", "CreateQueue", QueueName=queue)
        await self.call("sqs", "SendMessage", QueueUrl=_URL(queue), MessageBody=body)

    async def publish(self, message: str) -> None:
        await self.call("sns", "Publish", TopicArn=ARN("sns", "news"), Message=message)

    async def poll(self, queue: str, seconds: int) -> None:
        """Begin a long poll, which somebody may leave."""
        request = _request(
            "sqs",
            "ReceiveMessage",
            {"QueueUrl": _URL(queue), "WaitTimeSeconds": seconds, "MaxNumberOfMessages": 2},
        )
        messages = asyncio.Queue[Message]()
        messages.put_nowait({"type": "http.request", "body": request.body, "more_body": False})
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def wait() -> None:
            await self.app(scope_of(headers=request.headers), messages.get, send)
            if len(sent) > 1:
                for one in json.loads(sent[1]["body"]).get("Messages", ()):
                    self.receipts.append((queue, one["ReceiptHandle"]))

        self.polls.append((asyncio.ensure_future(wait()), messages))

    async def prepare(self) -> None:
        """Make resources that lead to one another, and out of here."""
        await self.prepare_queues()
        await self._webhook()
        await self._functions()
        await self.prepare_pipes()
        await self.prepare_custom_bus()

    async def prepare_queues(self) -> None:
        """Make those from which nothing leaves."""
        dead = json.dumps({"deadLetterTargetArn": ARN("sqs", "dead"), "maxReceiveCount": 2})
        await self.call("sqs", "CreateQueue", QueueName="dead")
        for name, attributes in (
            ("orders", {"VisibilityTimeout": "3", "RedrivePolicy": dead}),
            ("slow", {"DelaySeconds": "2", "MessageRetentionPeriod": "60"}),
            (
                "orders.fifo",
                {"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "4"},
            ),
            ("work", {}),
        ):
            await self.call("sqs", "CreateQueue", QueueName=name, Attributes=attributes)
        await self._topic()
        await self._bus()

    async def _topic(self) -> None:
        await self.call("sns", "CreateTopic", Name="news")
        news = ARN("sns", "news")
        await self.call("sns", "Subscribe", TopicArn=news, Protocol="sqs", Endpoint=ARN("sqs", "orders"))
        await self.call(
            "sns",
            "Subscribe",
            TopicArn=news,
            Protocol="sqs",
            Endpoint=ARN("sqs", "slow"),
            Attributes={"RawMessageDelivery": "true"},
        )
        await self.call("sns", "Subscribe", TopicArn=news, Protocol="email", Endpoint="a@example.com")

    async def _webhook(self) -> None:
        letters = json.dumps({"deadLetterTargetArn": ARN("sqs", "dead")})
        policy = json.dumps(
            {"healthyRetryPolicy": {"numRetries": 3, "minDelayTarget": 1, "maxDelayTarget": 4}}
        )
        made = await self.call(
            "sns",
            "Subscribe",
            TopicArn=ARN("sns", "news"),
            Protocol="http",
            Endpoint=_WEBHOOK,
            ReturnSubscriptionArn=True,
        )
        arn = made["SubscriptionArn"]
        await self._confirm(arn)
        for name, value in (("RedrivePolicy", letters), ("DeliveryPolicy", policy)):
            await self.call(
                "sns",
                "SetSubscriptionAttributes",
                SubscriptionArn=arn,
                AttributeName=name,
                AttributeValue=value,
            )

    async def _confirm(self, arn: str) -> None:
        token = json.loads(
            (await ask(self.app, method="GET", path=f"/_aws/sns/subscription-tokens/{arn}")).body
        )["subscription_token"]
        await self.call("sns", "ConfirmSubscription", TopicArn=ARN("sns", "news"), Token=token)

    async def _bus(self) -> None:
        bus = ARN("events", "event-bus/default")
        await self.call("events", "CreateArchive", ArchiveName="all", EventSourceArn=bus)
        await self.call("events", "PutRule", Name="shop", EventPattern='{"source": ["shop"]}')
        await self.call("events", "PutRule", Name="often", ScheduleExpression="rate(1 minute)")
        for rule, queue in (("shop", "work"), ("often", "slow")):
            target = {"Id": "queue", "Arn": ARN("sqs", queue)}
            await self.call("events", "PutTargets", Rule=rule, Targets=[target])

    async def _functions(self) -> None:
        def work(event: Any, _context: object) -> object:
            if self.outside.random() < 0.3:
                raise ValueError("no")
            return {"done": len(event.get("Records", ()))}

        self.engine.functions.handle("worker", work)
        code = {"ZipFile": b"PK\x05\x06" + bytes(18)}
        await self.call(
            "lambda",
            "CreateFunction",
            FunctionName="worker",
            Role="arn:aws:iam::000000000000:role/worker",
            Code=code,
            Runtime="python3.12",
            Handler="a.b",
        )
        target = {"Id": "function", "Arn": ARN("lambda", "function:worker")}
        await self.call("events", "PutTargets", Rule="shop", Targets=[target])
        await self.call(
            "lambda",
            "CreateEventSourceMapping",
            FunctionName="worker",
            EventSourceArn=ARN("sqs", "work"),
            BatchSize=2,
        )

    async def prepare_pipes(self) -> None:
        """Make pipes from a queue and from what is fed, through a function to a queue."""
        settings = {"RoleArn": _ROLE, "Target": ARN("sqs", "work")}
        wanted = json.dumps({"body": [{"anything-but": "three"}]})
        await self.call(
            "pipes",
            "CreatePipe",
            Name="queued",
            Source=ARN("sqs", "slow"),
            SourceParameters={"FilterCriteria": {"Filters": [{"Pattern": wanted}]}},
            Enrichment=ARN("lambda", "function:worker"),
            **settings,
        )
        stream = {
            "StartingPosition": "LATEST",
            "BatchSize": 2,
            "MaximumRetryAttempts": 1,
            "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
            "DeadLetterConfig": {"Arn": ARN("sqs", "dead")},
        }
        await self.call(
            "pipes",
            "CreatePipe",
            Name="fed",
            Source=ARN("kinesis", "stream/clicks"),
            SourceParameters={"KinesisStreamParameters": stream},
            Enrichment=ARN("lambda", "function:worker"),
            **settings,
        )

    async def prepare_custom_bus(self) -> None:
        """Make a log whose subscribers lead to a queue, a function, a classic bus, and through an expression."""
        await self.prepare_log()
        await self._subscribers()
        await self._provider()

    async def prepare_log(self) -> None:
        """Make one that nobody reads."""
        made = await self.call(
            "eventbridgev2",
            "CreateEventBus",
            Name="shop",
            StorageConfiguration={"RetentionPeriodInDays": 1},
        )
        self.bus = made["EventBusArn"]
        await self.engine.elapse(1)

    async def _subscribers(self) -> None:
        expression = {"Expression": "{% $string($random()) & $events.id %}"}
        once = {"RetryPolicy": {"MaxRetryAttempts": 1, "MaxEventAgeInSeconds": 60}}
        letters = {"OnFailureConfiguration": {"Arn": ARN("sqs", "dead")}}
        for name, target, settings in (
            ("queue", ARN("sqs", "work"), {}),
            ("function", ARN("lambda", "function:worker"), once | letters),
            ("classic", ARN("events", "event-bus/default"), {}),
            ("missing", ARN("sqs", "nowhere"), once | letters),
            (
                "computed",
                ARN("sqs", "orders"),
                {"Transformer": {"Type": "JSONATA", "JsonataConfiguration": expression}},
            ),
        ):
            await self.subscribe(name, target, **settings)

    async def _provider(self) -> None:
        source = await self.call(
            "eventbridgev2",
            "CreateEventSource",
            Name="provider",
            EventBusArn=self.bus,
            Configuration={
                "WebhookEventsConfiguration": {
                    "AuthConfiguration": {
                        "StaticTokenAuthConfiguration": {
                            "TokenHttpHeader": "X-Token",
                            "SecretValue": _KEY,
                        }
                    },
                    "RoleArn": _ROLE,
                }
            },
        )
        self.source = source["EventSourceArn"]

    async def subscribe(self, name: str, target: str, **settings: Any) -> None:
        made = await self.call(
            "eventbridgev2",
            "CreateSubscriber",
            Name=name,
            EventBusArn=self.bus,
            InvokeConfiguration={"TargetArn": target, "RoleArn": _ROLE},
            **settings,
        )
        self.subscribers.append(made["SubscriberArn"])

    async def put_custom(self, *details: Any) -> None:
        entries = [
            {"Source": "shop", "DetailType": "placed", "Detail": json.dumps(detail)} for detail in details
        ]
        await self.call("eventbridgev2", "PutEvents", EventBusArn=self.bus, Entries=entries)

    async def provide(self, body: bytes, token: str = _KEY) -> int:
        """Send what a webhook's provider would, and return the status that it gets."""
        identifier = self.source.rpartition("/")[2]
        path = f"/_pocketbus/webhooks/{identifier}"
        return (await ask(self.app, body, path=path, headers={"x-token": token})).status

    async def act(self, kinds: Mapping[str, int] | None = None) -> None:
        """Do one thing; what is refused is refused."""
        weights = kinds or USUAL
        (name,) = self.random.choices(list(weights), list(weights.values()))
        with suppress(Refused):
            await _ACTS[name](self)
        for _ in range(self.random.choice([0, 0, 1, 5])):
            await asyncio.sleep(0)

    def text(self) -> str:
        return self.random.choice(("one", "two", "three", "é🙂", str(self.random.getrandbits(32))))

    async def end(self) -> None:
        """Have everybody leave who waits."""
        for task, messages in self.polls:
            messages.put_nowait({"type": "http.disconnect"})
            await task
        for worker in self.workers:
            while not worker.done():  # one that has just come has not asked yet
                self.engine.release_waiters()
                await asyncio.sleep(0)
            await worker

    # What comes from outside

    async def answer(self, _http: HttpClient, _method: str, url: str, *_rest: object) -> HttpAnswer:
        self.asked.append(url)
        if self.status is not None:
            if not self.status:
                await asyncio.Event().wait()
            return HttpAnswer(self.status, {}, b"")
        for _ in range(self.outside.randint(0, 6)):
            await asyncio.sleep(0)
        status = self.outside.choice((200, 200, 200, 404, 429, 500, 1, 2))
        if status == 1:
            raise TargetUnreachable("no connection: nobody listens")
        if status == 2:
            raise TargetTimedOut("no answer within 15 seconds")
        return HttpAnswer(status, {"x-answer": "yes"}, b"\x00{}")

    async def evaluate(self, line: bytes) -> str:
        """Stand for the process that evaluates expressions."""
        for _ in range(self.outside.randint(0, 6)):
            await asyncio.sleep(0)
        values = [str(self.outside.getrandbits(32)) for _ in json.loads(line)["expressions"]]
        return self.outside.choice((json.dumps({"results": values}), '{"error": "no such function"}', ""))


def _request(service: str, operation: str, params: dict[str, Any]) -> Request:
    one = _SERVICES[service]
    return request_of(one, written_of(one, protocols(one)[0], one.model.operations[operation], params))


Act = Callable[[Traffic], Awaitable[object]]


async def _send(traffic: Traffic) -> None:
    queue, text = traffic.random.choice(QUEUES), traffic.text()
    params: dict[str, Any] = {"QueueUrl": _URL(queue), "MessageBody": text}
    if queue.endswith(".fifo"):
        params["MessageGroupId"] = traffic.random.choice("ab")
    elif traffic.random.random() < 0.2:
        params["MessageAttributes"] = {"photo": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    await traffic.call("sqs", "SendMessage", **params)


async def _send_batch(traffic: Traffic) -> None:
    entries = [{"Id": f"e{number}", "MessageBody": traffic.text()} for number in range(3)]
    await traffic.call("sqs", "SendMessageBatch", QueueUrl=_URL("orders"), Entries=entries)


async def _receive(traffic: Traffic) -> None:
    queue = traffic.random.choice(QUEUES)
    found = await traffic.call("sqs", "ReceiveMessage", QueueUrl=_URL(queue), MaxNumberOfMessages=3)
    traffic.receipts += [(queue, one["ReceiptHandle"]) for one in found.get("Messages", ())]


async def _delete(traffic: Traffic) -> None:
    if traffic.receipts:
        queue, handle = traffic.receipts.pop(traffic.random.randrange(len(traffic.receipts)))
        await traffic.call("sqs", "DeleteMessage", QueueUrl=_URL(queue), ReceiptHandle=handle)


async def _hide(traffic: Traffic) -> None:
    if traffic.receipts:
        queue, handle = traffic.random.choice(traffic.receipts)
        await traffic.call(
            "sqs",
            "ChangeMessageVisibility",
            QueueUrl=_URL(queue),
            ReceiptHandle=handle,
            VisibilityTimeout=traffic.random.choice((0, 5)),
        )


async def _poll(traffic: Traffic) -> None:
    await traffic.poll(traffic.random.choice(QUEUES), traffic.random.choice((1, 5, 20)))


async def _leave(traffic: Traffic) -> None:
    if traffic.polls:
        task, messages = traffic.polls.pop(traffic.random.randrange(len(traffic.polls)))
        messages.put_nowait({"type": "http.disconnect"})
        if traffic.random.random() < 0.5:
            await task
        else:
            traffic.polls.append((task, messages))


async def _publish(traffic: Traffic) -> None:
    await traffic.publish(traffic.text())


async def _put_events(traffic: Traffic) -> None:
    source = traffic.random.choice(("shop", "other"))
    entry = {"Source": source, "DetailType": "order", "Detail": json.dumps({"text": traffic.text()})}
    await traffic.call("events", "PutEvents", Entries=[entry, entry])


async def _replay(traffic: Traffic) -> None:
    now = traffic.engine.clock.now()
    await traffic.call(
        "events",
        "StartReplay",
        ReplayName=f"r{traffic.random.getrandbits(32)}",
        EventSourceArn=ARN("events", "archive/all"),
        EventStartTime=now - 1000,
        EventEndTime=now,
        Destination={"Arn": ARN("events", "event-bus/default")},
    )


async def _elapse(traffic: Traffic) -> None:
    await traffic.engine.elapse(traffic.random.choice((0.5, 1, 3, 20, 61)))


async def _freeze(traffic: Traffic) -> None:
    await traffic.control("POST", f"clock/{traffic.random.choice(('freeze', 'thaw'))}")


async def _look(traffic: Traffic) -> None:
    """Read; nothing of it may make a difference."""
    await traffic.call("sqs", "GetQueueAttributes", QueueUrl=_URL("orders"), AttributeNames=["All"])
    await traffic.call("sns", "ListSubscriptions")
    await traffic.call("sts", "GetSessionToken")
    await traffic.control("GET", "messages", "queue=orders")


async def _fault(traffic: Traffic) -> None:
    kind = traffic.random.choice(
        (
            "kind=throttle&operation=SendMessage&probability=0.5",
            "kind=latency&delay=0.001",
            "kind=duplicate",
            "kind=reorder",
            "kind=cut&when=after&probability=0.3",
            "kind=failure&resource=*hook",
            "kind=partial&operation=PutEvents&probability=0.5",
        )
    )
    await traffic.control("POST", "faults", f"{kind}&count=5")


async def _no_faults(traffic: Traffic) -> None:
    await traffic.control("DELETE", "faults")


async def _by_hand(traffic: Traffic) -> None:
    queue = traffic.random.choice(QUEUES)
    found = json.loads(await traffic.control("GET", "messages", f"queue={queue}"))["messages"]
    if found:
        message_id = traffic.random.choice(found)["message_id"]
        query = f"queue={queue}&message_id={message_id}"
        if traffic.random.random() < 0.5:
            await traffic.control("DELETE", "messages", query)
        else:
            await traffic.control("POST", "messages/move", f"{query}&to=orders")


async def _crash(traffic: Traffic) -> None:
    await traffic.control("POST", "faults/crash", "queue=orders")


async def _export(traffic: Traffic) -> None:
    traffic.documents.append(await traffic.control("GET", "state"))


async def _import(traffic: Traffic) -> None:
    if traffic.documents:
        await traffic.control("PUT", "state", body=traffic.random.choice(traffic.documents))


async def _purge(traffic: Traffic) -> None:
    await traffic.call("sqs", "PurgeQueue", QueueUrl=_URL(traffic.random.choice(QUEUES)))


async def _move_task(traffic: Traffic) -> None:
    await traffic.call("sqs", "StartMessageMoveTask", SourceArn=ARN("sqs", "dead"))


async def _attach(traffic: Traffic) -> None:
    """Be a worker of a function for one invocation, or leave before there is one."""
    traffic.workers.append(asyncio.ensure_future(_work(traffic)))
    await traffic.call(
        "lambda", "Invoke", FunctionName="attached", InvocationType="Event", Payload=b'{"b": 2}'
    )


async def _work(traffic: Traffic) -> None:
    runtime = "/_pocketbus/functions/attached/2018-06-01/runtime/invocation"
    name = {"pocketbus-worker": f"w{traffic.outside.getrandbits(8)}"}
    asked = await ask(traffic.app, method="GET", path=f"{runtime}/next", headers=name)
    for _ in range(traffic.outside.randint(0, 5)):
        await asyncio.sleep(0)
    if asked.status != 200:
        return
    if traffic.outside.random() < 0.2:
        path = f"/_pocketbus/functions/attached/workers/{name['pocketbus-worker']}"
        await ask(traffic.app, method="DELETE", path=path)
        return
    request_id = asked.headers["lambda-runtime-aws-request-id"]
    kind = traffic.outside.choice(("response", "error"))
    await ask(traffic.app, b'{"c": 3}', path=f"{runtime}/{request_id}/{kind}")


async def _invoke(traffic: Traffic) -> None:
    kind = traffic.random.choice(("RequestResponse", "Event"))
    await traffic.call("lambda", "Invoke", FunctionName="worker", InvocationType=kind, Payload=b'{"a": 1}')


async def _put_custom(traffic: Traffic) -> None:
    await traffic.put_custom(*[{"text": traffic.text()} for _ in range(traffic.random.choice((1, 3)))])


async def _put_raw(traffic: Traffic) -> None:
    kind, data = traffic.random.choice(
        (("application/json", b'{"a": 1}'), ("application/octet-stream", b"\x00\xff"))
    )
    metadata = {"ContentType": kind, "EventGroupId": traffic.random.choice("ab")}
    entry = {"Data": data, "SystemMetadata": metadata, "Metadata": {"shade": traffic.random.choice("xy")}}
    await traffic.call("eventbridgev2", "PutRawEvents", EventBusArn=traffic.bus, Entries=[entry])


async def _subscriber(traffic: Traffic) -> None:
    arn = traffic.random.choice(traffic.subscribers)
    state = traffic.random.choice(("RUNNING", "STOPPED"))
    await traffic.call("eventbridgev2", "UpdateSubscriber", SubscriberArn=arn, State=state)


async def _rewind(traffic: Traffic) -> None:
    arn = traffic.random.choice(traffic.subscribers)
    position = traffic.random.choice((1, 3))
    await traffic.control("POST", "log/rewind", f"subscriber={arn}&position={position}")


async def _webhook(traffic: Traffic) -> None:
    await traffic.provide(traffic.text().encode(), traffic.random.choice((_KEY, _KEY, "none")))


async def _look_at_logs(traffic: Traffic) -> None:
    """Read; nothing of it may make a difference."""
    await traffic.call("eventbridgev2", "DescribeEventBus", EventBusArn=traffic.bus)
    await traffic.call("eventbridgev2", "ListSubscribers")
    await traffic.call("pipes", "ListPipes")
    await traffic.control("GET", "log", f"bus={traffic.bus}")


async def _feed(traffic: Traffic) -> None:
    records = [{"data": traffic.text()} for _ in range(traffic.random.choice((1, 3)))]
    await traffic.control("POST", "pipes/fed/records", body=json.dumps({"records": records}).encode())


async def _pipe(traffic: Traffic) -> None:
    operation = traffic.random.choice(("StartPipe", "StopPipe"))
    await traffic.call("pipes", operation, Name=traffic.random.choice(("queued", "fed")))


_ACTS: Mapping[str, Act] = {
    "send": _send,
    "send batch": _send_batch,
    "receive": _receive,
    "delete": _delete,
    "hide": _hide,
    "poll": _poll,
    "leave": _leave,
    "publish": _publish,
    "put events": _put_events,
    "replay": _replay,
    "elapse": _elapse,
    "freeze": _freeze,
    "look": _look,
    "fault": _fault,
    "no faults": _no_faults,
    "by hand": _by_hand,
    "crash": _crash,
    "export": _export,
    "import": _import,
    "purge": _purge,
    "move task": _move_task,
    "invoke": _invoke,
    "attach": _attach,
    "put custom": _put_custom,
    "put raw": _put_raw,
    "subscriber": _subscriber,
    "rewind": _rewind,
    "webhook": _webhook,
    "look at logs": _look_at_logs,
    "feed": _feed,
    "pipe": _pipe,
}

MESSAGES: Mapping[str, int] = {
    "send": 10,
    "send batch": 3,
    "receive": 6,
    "delete": 5,
    "hide": 3,
    "poll": 4,
    "leave": 2,
    "publish": 4,
    "put events": 4,
    "elapse": 2,
    "look": 2,
}
"""Nothing but what a document holds, and long polls."""

LOGS: Mapping[str, int] = {
    "put custom": 4,
    "put raw": 2,
    "subscriber": 2,
    "rewind": 1,
    "webhook": 2,
    "look at logs": 1,
    "feed": 3,
    "pipe": 2,
}
"""What custom buses and pipes add."""

USUAL: Mapping[str, int] = {
    **MESSAGES,
    **LOGS,
    "replay": 1,
    "freeze": 1,
    "fault": 1,
    "no faults": 1,
    "by hand": 1,
    "crash": 1,
    "export": 1,
    "import": 1,
    "purge": 1,
    "move task": 1,
    "invoke": 2,
    "attach": 2,
}
"""Everything."""
