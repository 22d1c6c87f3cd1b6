"""One name for the protocols: what the rest of the wire room asks of each."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from pocketbus.apis.codec import query
from pocketbus.apis.codec.answer import Answer
from pocketbus.apis.codec.cbor import CborCodec
from pocketbus.apis.codec.json import JsonCodec
from pocketbus.apis.codec.query_json import QueryJsonCodec
from pocketbus.apis.codec.rest import RestJsonCodec
from pocketbus.apis.codec.xml import XmlWriter
from pocketbus.apis.model import Operation, ServiceModel
from pocketbus.emulator.errors import EngineError


class Codec(Protocol):
    """One service in one protocol. What `decoder`'s closures take is the protocol's own: a body, a form, a path."""

    content_type: bytes

    def decoder(self, operation: Operation) -> Callable[[Any], dict[str, Any]]: ...

    def encoder(self, operation: Operation) -> Callable[[Any, str], Answer]: ...

    def error(self, error: EngineError, request_id: str) -> Answer: ...


class QueryCodec(XmlWriter):
    """One service's query protocol: forms in, XML out; `in_json` answers the same forms in JSON."""

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._service = model.name
        self.in_json = QueryJsonCodec(model)

    def decoder(self, operation: Operation) -> Callable[[query.Form], dict[str, Any]]:
        return query.decoder(self._service, operation)


class NoOperationCodec(QueryCodec):
    """What SQS answers a request that names no operation: the error's name alone, and in XML whatever was asked for."""

    def error(self, error: EngineError, request_id: str) -> Answer:
        return Answer(404, self.content_type, request_id, f"<{error.name}/>".encode())


class Codecs(NamedTuple):
    """The codecs of one service, None for one that it has not."""

    json: JsonCodec | None
    query: QueryCodec | None
    rest: RestJsonCodec | None
    cbor: CborCodec | None


def codecs_of(model: ServiceModel) -> Codecs:
    speaks_cbor = model.protocol == "smithy-rpc-v2-cbor"
    as_json = JsonCodec(model) if model.target_prefix and not speaks_cbor else None
    has_query = bool(model.xml_namespace) or model.name == "sqs"
    return Codecs(
        as_json,
        QueryCodec(model) if has_query else None,
        RestJsonCodec(model) if model.protocol == "rest-json" else None,
        CborCodec(model) if speaks_cbor else None,
    )
