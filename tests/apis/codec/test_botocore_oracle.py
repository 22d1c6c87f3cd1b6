"""What botocore writes we read, and what we write botocore reads: every operation, in every protocol, any values."""

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import moto.sqs
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel as BotocoreModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus.apis.codec import query
from pocketbus.apis.codec.codec import Codec
from pocketbus.apis.codec.query_names import XML_PLAIN
from pocketbus.apis.model import Operation, Shape
from pocketbus.apis.service import Service

# Where moto's additions to the SQS model stop short of the query protocol.
_ADDED_NAMES = {"ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry"}

_CHARACTERS = st.characters(
    codec="utf-8",
    exclude_categories=("Cc", "Cs"),
    include_characters="\t\n\r",
    exclude_characters="\ufffe\uffff",
)
_MADE_HERE = st.text("0123456789abcdefABCDEF+/=", max_size=8)
_KEYS = st.text(_CHARACTERS, min_size=1, max_size=8)
_SCALARS: Mapping[str, st.SearchStrategy[Any]] = {
    "string": st.text(_CHARACTERS, max_size=8),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "blob": st.binary(max_size=8),
    "timestamp": st.integers(0, 4_102_444_800).map(float),
}


class Case(NamedTuple):
    service: Service
    protocol: str
    operation: Operation

    @property
    def codec(self) -> Codec:
        codec = self.service.json if self.protocol == "json" else self.service.query
        assert codec is not None
        return codec

    @property
    def model(self) -> BotocoreModel:
        return (
            _sqs_query()
            if (self.service.name, self.protocol) == ("sqs", "query")
            else _model(self.service.name)
        )


@cache
def _model(name: str) -> BotocoreModel:
    return BotocoreModel(Loader().load_service_model(name, "service-2"))


@cache
def _sqs_query() -> BotocoreModel:
    """Return the SQS model with what moto knows of the query protocol's names."""
    extras = Path(moto.sqs.__file__).parent / "2012-11-05" / "service-2.moto-extras.json.gz"
    with gzip.open(extras) as file:
        merged = json.loads(
            file.read().replace(b"locationNameForQueryCompatibility", b"locationName"),
        )["merge"]
    model = json.loads(json.dumps(Loader().load_service_model("sqs", "service-2")))
    _merge(model, merged)
    model["metadata"] |= {"protocol": "query", "protocols": ["query"]}
    for name, operation in model["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = f"{name}Result"
    for name, item in _ADDED_NAMES.items():
        model["shapes"][name]["member"]["locationName"] = item
    return BotocoreModel(model)


def _merge(base: dict[str, Any], extra: dict[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def _cases() -> Iterator[Case]:
    for name, protocols in {
        "sqs": ("json", "query"),
        "sns": ("query",),
        "events": ("json",),
        "sts": ("query",),
    }.items():
        service = Service(name)
        for protocol in protocols:
            for operation in service.model.operations.values():
                yield Case(service, protocol, operation)


CASES = list(_cases())
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.protocol}-{case.operation.name}")
a_few = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def values(shape: Shape, least: int = 1) -> st.SearchStrategy[Any]:
    """Generate values of a shape; `least` is 0 where an empty list or map can be told from none."""
    match shape.type:
        case "structure":
            needed, optional = (
                {
                    member.name: _MADE_HERE if member.name in XML_PLAIN else values(member.shape, least)
                    for member in shape.members
                    if member.required is flag
                }
                for flag in (True, False)
            )
            whole = st.fixed_dictionaries(needed, optional=optional)
            return whole.filter(bool) if shape.members else whole
        case "list":
            assert shape.item is not None
            return st.lists(values(shape.item, least), min_size=least, max_size=3)
        case "map":
            assert shape.value is not None
            return st.dictionaries(_KEYS, values(shape.value, least), min_size=least, max_size=3)
    return _SCALARS[shape.type]


def _in_our_types(value: Any) -> Any:
    """Turn botocore's instants into epoch seconds."""
    match value:
        case datetime():
            return value.astimezone(UTC).timestamp()
        case dict():
            return {key: _in_our_types(item) for key, item in value.items()}
        case list():
            return [_in_our_types(item) for item in value]
    return value


@each_case
@a_few
@given(data=st.data())
def test_a_request_that_botocore_writes_is_read_as_it_was_meant(case: Case, data: st.DataObject) -> None:
    params = data.draw(values(case.operation.input))
    serializer = create_serializer(case.protocol, include_validation=False)
    request = serializer.serialize_to_request(params, case.model.operation_model(case.operation.name))

    payload = request["body"] if case.protocol == "json" else query.parse(urlencode(request["body"]).encode())

    assert case.codec.decoder(case.operation)(payload) == params


@each_case
@a_few
@given(data=st.data())
def test_an_answer_that_we_write_is_read_as_it_was_meant(case: Case, data: st.DataObject) -> None:
    output = case.operation.output
    flattened = (case.service.name, case.protocol) == ("sqs", "query")
    result = data.draw(values(output, least=1 if flattened else 0)) if output else None

    body = case.codec.encoder(case.operation)(result, "the-request-id").body

    parser = create_parser(case.protocol)
    response = {"status_code": 200, "headers": {"x-amzn-requestid": "the-request-id"}, "body": body}
    parsed = parser.parse(response, case.model.operation_model(case.operation.name).output_shape)
    assert parsed.pop("ResponseMetadata")["RequestId"] == "the-request-id"
    assert _in_our_types(parsed) == (result or {})
