"""Smithy RPC v2 CBOR: every legal spelling of a request, and what is none; answers as SDKs read them."""

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from cbor2 import dumps, loads

from pocketbus.apis.app import create_app
from pocketbus.apis.call import Call
from pocketbus.apis.codec.cbor import decoder, encoder, parse, render
from pocketbus.apis.codec.errors import SerializationException
from pocketbus.apis.model import Shape, load
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.errors import InvalidStateException
from tests.apis.asgi import Reply, ask
from tests.apis.echo import echo_service

MODEL = load("eventbridgev2")
CREATE = "/service/AWSEventsV2/operation/CreateEventBus"
LIST = "/service/AWSEventsV2/operation/ListEventBuses"
HEADERS = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}


def read(operation: str, body: bytes) -> Any:
    return decoder(MODEL.operations[operation].input)(parse(body))


def refusal(operation: str, body: bytes) -> str:
    with pytest.raises(SerializationException) as raised:
        read(operation, body)
    return raised.value.message


@pytest.mark.parametrize(
    "written",
    [
        "a2 64 4e616d65 61 61 6a 4d6178526573756c7473 05",
        "a2 64 4e616d65 61 61 6a 4d6178526573756c7473 18 05",
        "a2 64 4e616d65 61 61 6a 4d6178526573756c7473 19 0005",
        "a2 64 4e616d65 61 61 6a 4d6178526573756c7473 1a 00000005",
        "a2 64 4e616d65 61 61 6a 4d6178526573756c7473 1b 0000000000000005",
        "a2 64 4e616d65 61 61 6a 4d6178526573756c7473 f9 4500",
        "a2 64 4e616d65 61 61 6a 4d6178526573756c7473 fa 40a00000",
        "a2 64 4e616d65 61 61 6a 4d6178526573756c7473 fb 4014000000000000",
        "bf 64 4e616d65 61 61 6a 4d6178526573756c7473 05 ff",
        "b9 0002 64 4e616d65 61 61 6a 4d6178526573756c7473 05",
        "bf 7f 62 4e61 62 6d65 ff 7f 61 61 ff 6a 4d6178526573756c7473 05 ff",
        "a2 78 04 4e616d65 79 0001 61 6a 4d6178526573756c7473 05",
        "a3 64 4e616d65 61 61 6a 4d6178526573756c7473 05 61 62 f6",
        "a3 64 4e616d65 61 61 6a 4d6178526573756c7473 05 69 4e657874546f6b656e f7",
    ],
)
def test_a_request_is_read_in_every_legal_spelling(written: str) -> None:
    body = bytes.fromhex(written)
    value = decoder(Shape("Both", "structure", _members("Name", "MaxResults")))(parse(body))

    assert value == {"Name": "a", "MaxResults": 5}


def _members(*names: str) -> Any:
    known = {
        member.name: member
        for operation in ("CreateEventBus", "ListEventBuses")
        for member in MODEL.operations[operation].input.members
    }
    return tuple(known[name] for name in names)


@pytest.mark.parametrize(
    ("tagged", "instant"),
    [
        ("c1 1a 6553f100", 1_700_000_000.0),
        ("c1 1b 000000006553f100", 1_700_000_000.0),
        ("c1 fb 41d954fc40000000", 1_700_000_000.0),
        ("c1 fb 41d954fc40200000", 1_700_000_000.5),
        ("c1 fa 4ecaa7e2", 1_700_000_000.0),
        ("d8 01 1a 6553f100", 1_700_000_000.0),
        ("c1 00", 0.0),
    ],
)
def test_an_instant_is_a_tagged_number_of_any_kind(tagged: str, instant: float) -> None:
    point = dumps({"PointType": "TIMESTAMP", "StartingPoint": 0})[:-1] + bytes.fromhex(tagged)
    body = b"\xa1" + dumps("PointInTimeConfiguration") + point

    value = read("CreateSubscriber", body)["PointInTimeConfiguration"]["StartingPoint"]
    assert value == pytest.approx(instant, abs=128)  # half of what a single float can tell apart
    assert tagged.startswith("c1 fa") or value == instant


@pytest.mark.parametrize("written", ["42 00ff", "5f 41 00 41 ff ff", "58 02 00ff", "5f 42 00ff 40 ff"])
def test_bytes_are_bytes_in_one_piece_or_many(written: str) -> None:
    entry = b"\xa1" + dumps("Data") + bytes.fromhex(written)
    body = b"\xa1" + dumps("Entries") + b"\x9f" + entry + b"\xff"

    assert read("PutRawEvents", body) == {"Entries": [{"Data": b"\x00\xff"}]}


@pytest.mark.parametrize(
    ("operation", "body", "why"),
    [
        ("CreateEventBus", b"", "premature end of stream"),
        ("CreateEventBus", b"\xa1", "premature end of stream"),
        ("CreateEventBus", b"\xa0\xa0", "there is more than one value"),
        ("CreateEventBus", b"\xff", ""),
        ("CreateEventBus", b"\x9b" + b"\xff" * 8, "premature end of stream"),
        ("CreateEventBus", b"\x5b" + b"\x7f" * 8, "premature end of stream"),
        ("CreateEventBus", b"\x81" * 100_000, "maximum container nesting depth"),
        ("CreateEventBus", b"\x9f" * 100_000, "maximum container nesting depth"),
        ("CreateEventBus", b"\xa1\x01\x02", "map key must be a text string or byte string"),
        ("CreateEventBus", b"\xa1\x64Name\x61\xff", "error decoding text string"),
        ("CreateEventBus", b"\xa1\x64Name\xd8\x23\x61a", "error decoding semantic tag 35"),
        ("CreateEventBus", b"\xa1\x64Name\xd8\x1c\x80", "error decoding semantic tag 28"),
        ("CreateEventBus", b"\xa1\x64Name\xd9\x12\x34\x61a", "error"),
        ("CreateEventBus", dumps([]), "An array can not be read as a structure."),
        ("CreateEventBus", dumps({"Name": 1}), "An integer can not be read as a string."),
        ("CreateEventBus", dumps({"Name": b"a"}), "A byte string can not be read as a string."),
        ("CreateEventBus", dumps({"Tags": ["a"]}), "An array can not be read as a map."),
        ("CreateEventBus", dumps({"Tags": {b"a": "b"}}), "A map can not be read as a map."),
        (
            "ListEventBuses",
            dumps({"MaxResults": 1.5}),
            "A floating-point number can not be read as an integer.",
        ),
        ("ListEventBuses", dumps({"MaxResults": 2**40}), "An integer can not be read as an integer."),
        ("ListEventBuses", dumps({"MaxResults": True}), "A boolean can not be read as an integer."),
        ("PutRawEvents", dumps({"Entries": [{"Data": "a"}]}), "A text string can not be read as a blob."),
        ("PutEvents", dumps({"Entries": [{"Time": 5}]}), "An integer can not be read as a timestamp."),
        ("PutEvents", dumps({"Entries": {}}), "A map can not be read as a list."),
        ("CreateEventSource", dumps({"Configuration": {}}), "Unions must contain exactly one member"),
    ],
)
def test_what_is_no_request_is_refused_and_nothing_worse(operation: str, body: bytes, why: str) -> None:
    assert why in refusal(operation, body)


def test_an_instant_that_is_none_is_refused() -> None:
    for seconds in (b"\x61a", b"\xf9\x7e\x00", b"\xf9\x7c\x00", b"\x1b" + b"\xff" * 8):
        body = b"\xa1" + dumps("Entries") + b"\x81\xa1" + dumps("Time") + b"\xc1" + seconds

        assert refusal("PutEvents", body)


def test_an_instant_of_an_answer_is_tagged_and_keeps_its_milliseconds() -> None:
    output = MODEL.operations["DescribeEventBus"].output
    assert output is not None
    encode = encoder(output)
    assert encode is not None

    assert (
        render(encode({"CreationTime": 1.0, "Name": None})) == b"\xa1" + dumps("CreationTime") + b"\xc1\x01"
    )
    assert render(encode({"CreationTime": 1.5})).endswith(bytes.fromhex("c1fb3ff8000000000000"))


def _parsed(reply: Reply, operation: str) -> Any:
    """Read an answer as botocore does."""
    shapes = ServiceModel(Loader().load_service_model("eventbridgev2", "service-2"), "eventbridgev2")
    answer = {"status_code": reply.status, "headers": reply.headers, "body": reply.body}
    return create_parser("smithy-rpc-v2-cbor").parse(answer, shapes.operation_model(operation).output_shape)


async def test_the_path_names_the_operation_and_the_answer_is_one_map() -> None:
    app = create_app(Engine(), [echo_service("eventbridgev2", lambda _call, _input: {})])

    reply = await ask(app, b"\xa0", path=LIST, headers=HEADERS)

    assert (reply.status, reply.body) == (200, b"\xa0")
    assert reply.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert reply.headers["content-type"] == "application/cbor"
    assert _parsed(reply, "ListEventBuses")["ResponseMetadata"]["HTTPStatusCode"] == 200


async def test_a_request_without_a_body_is_an_empty_input() -> None:
    app = create_app(
        Engine(), [echo_service("eventbridgev2", lambda _call, given: {"NextToken": str(given)})]
    )

    assert loads((await ask(app, b"", path=LIST, headers=HEADERS)).body) == {"NextToken": "{}"}


async def test_an_error_of_the_model_has_its_status_its_name_and_its_spelling() -> None:
    def fail(_call: Call, _input: Any) -> Any:
        raise InvalidStateException("not now")

    app = create_app(Engine(), [echo_service("eventbridgev2", fail)])
    reply = await ask(app, b"\xa0", path=LIST, headers=HEADERS)

    assert reply.status == 409
    assert loads(reply.body) == {
        "__type": "com.amazonaws.eventbridgev2#InvalidStateException",
        "Message": "not now",
    }
    assert _parsed(reply, "ListEventBuses")["Error"] == {
        "Code": "InvalidStateException",
        "Message": "not now",
    }


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/service/AWSEventsV2/operation/Nothing", "POST"),
        ("/service/Nothing/operation/ListEventBuses", "POST"),
        ("/service/AWSEventsV2", "POST"),
        (LIST, "GET"),
    ],
)
async def test_a_path_that_names_nothing_is_an_unknown_operation(path: str, method: str) -> None:
    reply = await ask(create_app(Engine()), b"\xa0", path=path, method=method, headers=HEADERS)

    assert reply.status == 404
    assert loads(reply.body)["__type"].endswith("#UnknownOperationException")


async def test_bytes_that_are_no_cbor_are_answered_with_400() -> None:
    reply = await ask(create_app(Engine()), b"{}", path=LIST, headers=HEADERS)

    assert reply.status == 400
    assert loads(reply.body)["__type"].endswith("#SerializationException")


async def test_a_broken_constraint_is_an_invalid_input() -> None:
    reply = await ask(create_app(Engine()), dumps({"Name": "-"}), path=CREATE, headers=HEADERS)

    assert reply.status == 400
    assert loads(reply.body) == {
        "__type": "com.amazonaws.eventbridgev2#InvalidInputException",
        "Message": "1 validation error detected: Value '-' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [A-Za-z0-9][\.\-_A-Za-z0-9]*",
    }
