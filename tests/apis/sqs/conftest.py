"""SQS in both of its protocols, asked in process: botocore writes each request and reads each answer."""

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import moto.sqs
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from pocketbus.apis.app import create_app
from pocketbus.apis.sqs.operations import sqs as sqs_service
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine

START = 1_700_000_000.0
_AUTHORIZATION = "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/sqs/aws4_request, Signature=0"


class Refused(NamedTuple):
    """What an answer says of a failure."""

    status: int
    code: str
    message: str


@cache
def _json_model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("sqs", "service-2"))


@cache
def _query_model() -> ServiceModel:
    """Return the SQS model with the names that the query protocol had, of which moto keeps a list."""
    extras = Path(moto.sqs.__file__).parent / "2012-11-05" / "service-2.moto-extras.json.gz"
    with gzip.open(extras) as file:
        text = file.read().replace(b"locationNameForQueryCompatibility", b"locationName")
    model = json.loads(json.dumps(Loader().load_service_model("sqs", "service-2")))
    _merge(model, json.loads(text)["merge"])
    model["metadata"] |= {"protocol": "query", "protocols": ["query"]}
    for name, operation in model["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = f"{name}Result"
    results = model["shapes"]["ListMessageMoveTasksResultEntryList"]
    results["member"]["locationName"] = "ListMessageMoveTasksResultEntry"
    return ServiceModel(model)


def _merge(base: dict[str, Any], extra: dict[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


class Sqs:
    """A client of one protocol, account and region; `trace` is the X-Amzn-Trace-Id of its requests."""

    def __init__(
        self,
        engine: Engine,
        protocol: str,
        *,
        account: str = "000000000000",
        region: str = "us-east-1",
        host: str = "localhost:4566",
        trace: str = "",
    ) -> None:
        self.engine = engine
        self.protocol = protocol
        transport = httpx.ASGITransport(create_app(engine, [sqs_service]))
        self._client = httpx.AsyncClient(transport=transport, base_url=f"http://{host}")
        self._model = _json_model() if protocol == "json" else _query_model()
        authorization = _AUTHORIZATION.format(account=account, region=region)
        self._headers = {"Authorization": authorization} | ({"X-Amzn-Trace-Id": trace} if trace else {})

    async def call(self, operation: str, **params: Any) -> Any:
        """Return the members of the answer; of a failed call the test fails."""
        answer = await self._call(operation, params)
        assert "Error" not in answer, answer["Error"]
        return answer

    async def refusal(self, operation: str, **params: Any) -> Refused:
        """Return what a call that must fail is answered with."""
        answer = await self._call(operation, params)
        assert "Error" in answer, f"{operation} succeeded: {answer}"
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        return Refused(status, answer["Error"]["Code"], answer["Error"]["Message"])

    async def reply(self, operation: str, **params: Any) -> httpx.Response:
        """Return the answer as it is on the wire."""
        serializer = create_serializer(self.protocol, include_validation=False)
        request = serializer.serialize_to_request(params, self._model.operation_model(operation))
        body = request["body"] if self.protocol == "json" else urlencode(request["body"]).encode()
        headers = {**request["headers"], **self._headers}
        return await self._client.post("/", content=body, headers=headers)

    async def get(self, path: str, **parameters: str) -> httpx.Response:
        """Ask by a form in the query string, as curl does."""
        return await self._client.get(path, params=parameters, headers=self._headers)

    async def _call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        reply = await self.reply(operation, **params)
        parser = create_parser(self.protocol)
        response = {"status_code": reply.status_code, "headers": dict(reply.headers), "body": reply.content}
        shape = self._model.operation_model(operation).output_shape
        answer: dict[str, Any] = parser.parse(response, shape)
        if reply.is_success:
            del answer["ResponseMetadata"]
        return answer

    async def queue(self, name: str = "orders", **attributes: str) -> str:
        """Make a queue and return its URL; a name in .fifo makes a FIFO queue."""
        if name.endswith(".fifo"):
            attributes["FifoQueue"] = "true"
        made = await self.call("CreateQueue", QueueName=name, Attributes=attributes)
        return str(made["QueueUrl"])

    async def send(self, url: str, body: str = "x", **params: Any) -> Any:
        return await self.call("SendMessage", QueueUrl=url, MessageBody=body, **params)

    async def receive(self, url: str, **params: Any) -> list[dict[str, Any]]:
        """Receive up to ten messages."""
        answer = await self.call("ReceiveMessage", QueueUrl=url, **{"MaxNumberOfMessages": 10, **params})
        return list(answer.get("Messages", []))

    async def attributes(self, url: str, *names: str) -> dict[str, str]:
        answer = await self.call("GetQueueAttributes", QueueUrl=url, AttributeNames=names or ["All"])
        return dict(answer.get("Attributes", {}))

    async def arn(self, url: str) -> str:
        return (await self.attributes(url, "QueueArn"))["QueueArn"]

    async def dead_letter_pair(self, suffix: str = "", receives: int = 1) -> tuple[str, str]:
        """Make a queue with a dead-letter queue and return both URLs."""
        dead = await self.queue(f"dead{suffix}")
        policy = {"deadLetterTargetArn": await self.arn(dead), "maxReceiveCount": receives}
        return await self.queue(f"source{suffix}", RedrivePolicy=json.dumps(policy)), dead


MakeSqs = Callable[..., Sqs]


@pytest.fixture
def engine() -> Engine:
    return frozen_engine(Config(seed=1))


def frozen_engine(config: Config) -> Engine:
    engine = Engine(config)
    engine.clock.freeze()
    engine.clock.set(START)
    return engine


@pytest.fixture(params=["json", "query"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sqs(engine: Engine, protocol: str) -> Sqs:
    return Sqs(engine, protocol)


@pytest.fixture
def client(engine: Engine, protocol: str) -> MakeSqs:
    """Make a client of another account, region or host."""

    def make(**caller: str) -> Sqs:
        return Sqs(engine, protocol, **caller)

    return make


@pytest.fixture
def client_with(protocol: str) -> MakeSqs:
    """Make a client of an engine with settings of its own."""

    def make(host: str = "localhost:4566", **settings: Any) -> Sqs:
        return Sqs(frozen_engine(Config(seed=1, **settings)), protocol, host=host)

    return make
