"""REST-JSON against botocore: what it writes we read, what we write it reads, for every operation of three services."""

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from botocore.awsrequest import HeadersDict
from botocore.loaders import Loader
from botocore.model import ServiceModel as BotocoreModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus.apis.codec.rest import RestJsonCodec
from pocketbus.apis.codec.rest_path import RestPaths
from pocketbus.apis.codec.rest_request import RestRequest
from pocketbus.apis.model import Member, Operation, ServiceModel, Shape, read
from pocketbus.emulator.errors import EngineError

SERVICES = ("scheduler", "pipes", "lambda")
SCRIPT = Path(__file__).parents[3] / "scripts" / "strip_models.py"

_CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
_TEXTS = st.text(_CHARACTERS, max_size=8)
_LABELS = st.text(_CHARACTERS, min_size=1, max_size=8)
_HEADERS = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=8)
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(-1e9, 1e9, allow_nan=False),
    "boolean": st.booleans(),
    "blob": st.binary(min_size=1, max_size=8),
    "timestamp": st.integers(0, 4_102_444_800).map(float),
}


class Case(NamedTuple):
    service: str
    operation: Operation

    @property
    def codec(self) -> RestJsonCodec:
        return RestJsonCodec(_ours(self.service))

    @property
    def theirs(self) -> Any:
        return _theirs(self.service).operation_model(self.operation.name)


@cache
def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("strip_models", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _ours(service: str) -> ServiceModel:
    return read(service, _script().stripped(service))


@cache
def _theirs(service: str) -> BotocoreModel:
    return BotocoreModel(Loader().load_service_model(service, "service-2"))


@cache
def _paths(service: str) -> RestPaths[str]:
    paths: RestPaths[str] = RestPaths()
    for operation in _ours(service).operations.values():
        paths.add(operation, operation.name)
    return paths


def _cases() -> Iterator[Case]:
    for service in SERVICES:
        for operation in _ours(service).operations.values():
            yield Case(service, operation)


CASES = [case for case in _cases() if case.operation.name != "InvokeWithResponseStream"]
"""An event stream is no document; whoever serves one writes it by itself."""

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.service}-{case.operation.name}")
a_few = settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@cache
def values(shape: Shape, *, located: str = "", nested: bool = False) -> st.SearchStrategy[Any]:
    """Generate values of a shape, such as fit where they are put."""
    match shape.type:
        case "structure":
            needed, optional = (
                {
                    member.name: values(
                        member.shape, located=_place(shape, member.name, member.location), nested=True
                    )
                    for member in shape.members
                    if (member.required or member.location == "uri" or _is_whole_body(shape, member)) is flag
                }
                for flag in (True, False)
            )
            if nested and optional:  # all at once would be more than Hypothesis can keep account of
                some = st.sampled_from(sorted(optional))
                return some.flatmap(lambda name: st.fixed_dictionaries({**needed, name: optional[name]}))
            return st.fixed_dictionaries(needed, optional=optional)
        case "list":
            return st.lists(
                values(shape.element, located=located, nested=True), min_size=1 if located else 0, max_size=3
            )
        case "map":
            return st.dictionaries(_LABELS, values(shape.element, nested=True), max_size=3)
        case "string":
            return {"uri": _LABELS, "header": _HEADERS, "payload": _LABELS}.get(located, _TEXTS)
    return _SCALARS[shape.type]


def _is_whole_body(shape: Shape, member: Member) -> bool:
    """Tell whether a member is the body: botocore writes an empty one for a structure that is absent."""
    return member.name == shape.payload and member.shape.type == "structure"


def _place(shape: Shape, name: str, location: str) -> str:
    return location or ("payload" if shape.payload == name else "")


def _request(case: Case, params: dict[str, Any]) -> tuple[str, RestRequest]:
    """Have botocore write a request, and find the operation by its path."""
    serializer = create_serializer("rest-json", include_validation=False)
    request = serializer.serialize_to_request(params, case.theirs)
    path, _, query = request["url_path"].partition("?")
    pairs = [
        (name, text)
        for name, texts in request["query_string"].items()
        for text in (texts if isinstance(texts, list) else [texts])
    ]
    query = "&".join(filter(None, (query, urlencode(pairs))))
    found = _paths(case.service).find(request["method"], urlsplit(path).path, query.encode())
    assert found is not None
    name, labels = found
    headers = {key.lower().encode(): str(value).encode() for key, value in request["headers"].items()}
    body = request["body"]
    return name, RestRequest(
        labels, query.encode(), headers, body.encode() if isinstance(body, str) else body
    )


@each_case
@a_few
@given(data=st.data())
def test_a_rest_request_that_botocore_writes_is_read_as_it_was_meant(case: Case, data: st.DataObject) -> None:
    params = data.draw(values(case.operation.input))

    name, request = _request(case, params)

    assert (name, case.codec.decoder(case.operation)(request)) == (case.operation.name, params)


@each_case
@a_few
@given(data=st.data())
def test_a_rest_answer_that_we_write_is_read_as_it_was_meant(case: Case, data: st.DataObject) -> None:
    output = case.operation.output
    result = data.draw(values(output)) if output is not None else {}
    status = next((m.name for m in output.members if m.location == "statusCode"), None) if output else None
    stream = next((m.name for m in output.members if m.shape.type == "blob"), None) if output else None
    if status in result:
        result[status] = 202

    answer = case.codec.encoder(case.operation)(result, "the-request-id")

    headers = HeadersDict({name.decode(): value.decode() for name, value in answer.headers})
    body = answer.body
    if stream is not None:  # botocore hands a stream on as it is
        assert body == result.pop(stream, b"")
        body = b""
    response = {"status_code": answer.status, "headers": headers, "body": body}
    parsed = create_parser("rest-json").parse(response, case.theirs.output_shape)
    assert parsed.pop("ResponseMetadata")["RequestId"] == "the-request-id"
    parsed.pop(stream, None)
    if status is not None:
        assert parsed.pop(status) == result.pop(status, case.theirs.http["responseCode"])
    assert _in_our_types(parsed) == {name: value for name, value in result.items() if value is not None}


@pytest.mark.parametrize("service", SERVICES)
def test_every_modelled_error_is_read_with_its_code_and_message(service: str) -> None:
    model = _ours(service)
    for shape in model.errors.values():
        error = type(shape.name, (EngineError,), {})("what went wrong")

        answer = RestJsonCodec(model).error(error, "the-request-id")

        response = {
            "status_code": answer.status,
            "headers": {name.decode(): value.decode() for name, value in answer.headers},
            "body": answer.body,
        }
        theirs = _theirs(service).operation_model(next(iter(model.operations)))
        parsed = create_parser("rest-json").parse(response, theirs.output_shape)
        assert parsed["Error"]["Code"] == shape.name
        assert parsed["Error"]["Message"] == "what went wrong"
        assert answer.status == shape.status


def _in_our_types(value: Any) -> Any:
    match value:
        case dict():
            return {key: _in_our_types(item) for key, item in value.items()}
        case list():
            return [_in_our_types(item) for item in value]
    if hasattr(value, "timestamp"):
        return value.timestamp()
    return value.read() if hasattr(value, "read") else value
