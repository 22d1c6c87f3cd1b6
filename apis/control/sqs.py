"""What a queue holds, in the shape of ReceiveMessage's answer, where scripts for LocalStack look for it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.routing import Route

from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.control.parameters import json_object
from pocketbus.apis.control.prefixes import SQS
from pocketbus.apis.endpoint import read_body
from pocketbus.apis.sqs.receiving import write_message
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import parse
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import (
    EngineError,
    MissingRequiredParameterException,
    QueueDoesNotExist,
    ResourceNotFoundError,
)
from pocketbus.emulator.inspection.find import find
from pocketbus.emulator.message import State
from pocketbus.emulator.queues.queue import Queue, Received

MOST_MESSAGES = 10_000
_RECEIPT_HANDLE = "SQS/BACKDOOR/ACCESS"
_RECEIVE = sqs.model.operations["ReceiveMessage"]
_CODECS = [codec for codec in (sqs.json, sqs.query) if codec is not None]
_BY_URL, _BY_NAME = ("GET", "POST"), ("GET",)


def sqs_routes(engine: Engine) -> list[Route]:
    async def by_url(request: Request) -> Answer:
        return await _answer(engine, request, await _given(request))

    async def by_name(request: Request) -> Answer:
        return await _answer(engine, request, {**request.query_params, **request.path_params})

    return [
        Route(f"{SQS}messages", by_url, methods=_BY_URL),
        Route(f"{SQS}messages/", by_url, methods=_BY_URL),
        Route(f"{SQS}messages/{{region}}/{{account}}/{{name}}", by_name, methods=_BY_NAME),
    ]


async def _given(request: Request) -> dict[str, Any]:
    """Read the query string, and the body of a ReceiveMessage that an SDK sent here."""
    body = await read_body(dict(request.scope["headers"]), request.receive)
    if body.lstrip().startswith(b"{"):
        return {**request.query_params, **json_object(body)}
    return {**request.query_params, **dict(parse_qsl(body.decode("latin-1")))}


async def _answer(engine: Engine, request: Request, given: Mapping[str, Any]) -> Answer:
    as_json, as_xml = _CODECS
    wants_json = "x-amz-target" in request.headers or "json" in request.headers.get("accept", "")
    codec = as_json if wants_json else as_xml
    request_id = engine.ids.request_id()
    try:
        queue = _queue(engine, given)
        result = _receive_all(queue, given, engine.clock.now())
        return codec.encoder(_RECEIVE)(result, request_id)
    except EngineError as error:
        return codec.error(error, request_id)


def _queue(engine: Engine, given: Mapping[str, Any]) -> Queue:
    try:
        if "name" in given:
            return find(engine, Queue, given["name"], given["account"], given["region"])
        url = str(given.get("QueueUrl", ""))
        if not url:
            raise MissingRequiredParameterException("The request must contain the parameter QueueUrl.")
        region, account, name = parse(url)
        return find(engine, Queue, name, account, region)
    except ResourceNotFoundError:
        raise QueueDoesNotExist from None


def _receive_all(queue: Queue, given: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Show the messages without a change to them: those ready, and by the flags the others too."""
    states = {State.READY}
    states |= {State.IN_FLIGHT} if _flag(given, "ShowInvisible") else set()
    states |= {State.DELAYED} if _flag(given, "ShowDelayed") else set()
    queue.advance(now)
    shown = [message for message in queue if message.state in states]
    return {
        "Messages": [
            write_message(queue, Received(message, _RECEIPT_HANDLE), {"All"}, ["All"])
            for message in shown[:MOST_MESSAGES]
        ]
    }


def _flag(given: Mapping[str, Any], name: str) -> bool:
    return str(given.get(name, "")).lower() in {"true", "1"}
