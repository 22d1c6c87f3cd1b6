"""The query protocol's answers in JSON, for those who ask for them: members sorted, null for what is absent."""

from collections.abc import Callable, Mapping
from typing import Any

from pocketbus.apis.codec import query, scalars
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.errors import ErrorShapes
from pocketbus.apis.codec.json import render
from pocketbus.apis.codec.query_names import JSON_MEMBERS, PLAIN, QUERY_NAMES, QUERY_TEXTS, QueryNames
from pocketbus.apis.model import Operation, ServiceModel, Shape
from pocketbus.emulator.errors import EngineError

Encode = Callable[[Any], Any]


class QueryJsonCodec:
    """One service's query protocol: forms in, JSON out."""

    content_type = b"application/json"

    def __init__(self, model: ServiceModel) -> None:
        self._service = model.name
        self._names = QUERY_NAMES.get(model.name, PLAIN)
        self._errors = ErrorShapes(model)

    def decoder(self, operation: Operation) -> Callable[[query.Form], dict[str, Any]]:
        return query.decoder(self._service, operation)

    def encoder(self, operation: Operation) -> Callable[[Any, str], Answer]:
        name = operation.name
        write = None if operation.output is None else _encoder(operation.output, self._names)

        def encode(result: Any, request_id: str) -> Answer:
            answer = {"ResponseMetadata": {"RequestId": request_id}}
            if write is not None:
                answer[f"{name}Result"] = write(result or {})
            body = render({f"{name}Response": dict(sorted(answer.items()))})
            return Answer(200, self.content_type, request_id, body)

        return encode

    def error(self, error: EngineError, request_id: str) -> Answer:
        shape = self._errors.of(error)
        fault = {
            "Code": shape.code,
            "Message": QUERY_TEXTS.get(error.message, error.message),
            "Type": "Sender" if shape.sender else "Receiver",
        }
        body = render({"Error": fault, "RequestId": request_id})
        return Answer(shape.status, self.content_type, request_id, body)


def _encoder(shape: Shape, names: QueryNames) -> Encode:
    return _ENCODERS.get(shape.type, _scalar_encoder)(shape, names)


def _structure_encoder(shape: Shape, names: QueryNames) -> Encode:
    written = {JSON_MEMBERS.get((shape.name, member.name), member.name): member for member in shape.members}
    members = [(name, member.name, _encoder(member.shape, names)) for name, member in sorted(written.items())]

    def encode(value: Mapping[str, Any]) -> dict[str, Any]:
        return {
            written_name: None if (item := value.get(name)) is None else encode_member(item)
            for written_name, name, encode_member in members
        }

    return encode


def _list_encoder(shape: Shape, names: QueryNames) -> Encode:
    item = _encoder(shape.element, names)
    return lambda value: [item(element) for element in value]


def _map_encoder(shape: Shape, names: QueryNames) -> Encode:
    """SQS, whose maps were lists of pairs before it had a JSON protocol, writes them so."""
    element = _encoder(shape.element, names)
    if not names.flattened:
        return lambda value: {key: element(item) for key, item in value.items()}
    key_name, value_name = names.of_entry(shape)
    return lambda value: [{key_name: key, value_name: element(item)} for key, item in value.items()]


def _scalar_encoder(shape: Shape, _names: QueryNames) -> Encode:
    return scalars.to_base64 if shape.type == "blob" else lambda value: value


_ENCODERS: Mapping[str, Callable[[Shape, QueryNames], Encode]] = {
    "structure": _structure_encoder,
    "list": _list_encoder,
    "map": _map_encoder,
}
