"""Finds out which service, operation and protocol a request means, and whose it is."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes

from starlette.types import Scope

from pocketbus.apis.call import Headers
from pocketbus.apis.codec import cbor, query
from pocketbus.apis.codec.codec import Codec, NoOperationCodec, QueryCodec
from pocketbus.apis.codec.errors import (
    InvalidAction,
    MissingAction,
    UnknownOperationException,
)
from pocketbus.apis.codec.errors import NotImplemented as NotImplementedHere
from pocketbus.apis.codec.json import JsonCodec
from pocketbus.apis.codec.rest_path import RestPaths
from pocketbus.apis.codec.rest_request import RestRequest
from pocketbus.apis.model import ServiceModel
from pocketbus.apis.remembered import Remembered
from pocketbus.apis.service import Route, Service
from pocketbus.apis.sqs.urls import is_queue_url
from pocketbus.emulator.access_key import account_of
from pocketbus.emulator.arn import ACCOUNT, REGION
from pocketbus.emulator.errors import EngineError

_NO_SERVICE = ServiceModel("", "", "", "", "", "", {}, {})
PLAIN_XML = QueryCodec(_NO_SERVICE)
PLAIN_JSON = JsonCodec(_NO_SERVICE)
PLAIN_CBOR = cbor.CborCodec(_NO_SERVICE)
_NO_OPERATION = NoOperationCodec(_NO_SERVICE)


class UnroutableError(Exception):
    """No operation is meant that is known here; `codec` is the one to say so in."""

    def __init__(self, codec: Codec, error: EngineError) -> None:
        super().__init__(error.message)
        self.codec = codec
        self.error = error


class Credential(NamedTuple):
    """What a signature says of the caller; None where it says nothing, or nothing usable."""

    account: str | None = None
    region: str | None = None
    service: str | None = None


_UNSIGNED = Credential()
_LONGEST = 1024


def credential_of(headers: Headers, query_string: bytes) -> Credential:
    """Read the Authorization header or, in a presigned URL, X-Amz-Credential."""
    authorization = headers.get(b"authorization")
    if authorization:
        # Without the signature, which is last and always new, it can be remembered.
        return _signed[authorization.partition(b"Signature=")[0][:_LONGEST]]
    _, found, rest = query_string.partition(b"X-Amz-Credential=")
    return _credential(rest.partition(b"&")[0]) if found else _UNSIGNED


def _read(authorization: bytes) -> Credential:
    """Read `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=...`."""
    _, found, rest = authorization.partition(b"Credential=")
    return _credential(rest.partition(b",")[0].strip()) if found else _UNSIGNED


_signed = Remembered(_read, _LONGEST)
_is_json: Remembered[bytes, bool] = Remembered(lambda content_type: b"json" in content_type, _LONGEST)
_accepts_json: Remembered[bytes, bool] = Remembered(lambda accept: b"application/json" in accept, _LONGEST)


def _credential(text: bytes) -> Credential:
    """Take `access key/date/region/service/aws4_request` apart.

    An access key of 12 digits is an account; one that STS issued here leads to one.

    SigV4A, which SDKs sign multi-region requests with, names no region.
    """
    parts = unquote_to_bytes(text).decode("ascii", "replace").rsplit("/", 4)
    if len(parts) == 4:
        parts.insert(2, "")
    if len(parts) != 5:
        return _UNSIGNED
    access_key, _, region, service, _ = parts
    return Credential(
        account=access_key if ACCOUNT.fullmatch(access_key) else account_of(access_key),
        region=region if REGION.fullmatch(region) else None,
        service=service,
    )


Actions = dict[str, dict[str, Route]]
"""Routes by their action, and by their service."""


class Dispatch:
    """The routes by what names them: a JSON target, a method and a path, or the Action of a form.

    What a form asks for is answered in XML or in JSON.
    """

    def __init__(self, services: Iterable[Service]) -> None:
        self._services = {service.name: service for service in services}
        self._targets: dict[bytes, Route] = {}
        self._actions: Actions = {}
        self._actions_in_json: Actions = {}
        self._prefixes: dict[str, Codec] = {}
        self._paths: dict[str, RestPaths[Route]] = {}
        self._rpc: dict[str, Route] = {}
        for service in self._services.values():
            self._add(service)

    def _add(self, service: Service) -> None:
        if service.json is not None:
            prefix = service.model.target_prefix
            self._prefixes[prefix] = service.json
            for route in service.routes(service.json):
                self._targets[f"{prefix}.{route.operation.name}".encode()] = route
        if service.query is not None:
            for codec, actions in (
                (service.query, self._actions),
                (service.query.in_json, self._actions_in_json),
            ):
                for route in service.routes(codec):
                    actions.setdefault(route.operation.name, {})[service.name] = route
        if service.cbor is not None:
            for route in service.routes(service.cbor):
                self._rpc[cbor.path_of(service.model, route.operation.name)] = route
        if service.rest is not None:
            paths = self._paths[service.name] = RestPaths()
            for route in service.routes(service.rest):
                paths.add(route.operation, route)

    def identify(
        self, headers: Headers, scope: Scope, body: bytes, signed_for: str | None
    ) -> tuple[Route, Any]:
        """Return the route and what its decoder takes. Raise UnroutableError."""
        target = headers.get(b"x-amz-target")
        if not target:
            path = scope["path"]
            if path != "/":
                if path.startswith(cbor.PREFIX):
                    return self._identify_rpc(scope["method"], path), body
                found = self._identify_path(headers, scope, body, signed_for)
                if found is not None:
                    return found
            return self._identify_query(headers, path, scope["query_string"], body, signed_for)
        route = self._targets.get(target)
        if route is None:
            raise self._unknown_target(target.decode("latin-1"))
        return route, body

    def _unknown_target(self, target: str) -> UnroutableError:
        prefix, _, operation = target.rpartition(".")
        codec = self._prefixes.get(prefix)
        if codec is None:
            return UnroutableError(PLAIN_JSON, self._unserved(prefix or target))
        return UnroutableError(codec, UnknownOperationException(_invalid(operation)))

    def _identify_rpc(self, method: str, path: str) -> Route:
        route = self._rpc.get(path) if method == "POST" else None
        if route is None:
            raise UnroutableError(PLAIN_CBOR, UnknownOperationException(f"There is no {method} {path}."))
        return route

    def _identify_path(
        self, headers: Headers, scope: Scope, body: bytes, service: str | None
    ) -> tuple[Route, RestRequest] | None:
        """Return what a REST service has at the path; None: a request that is signed for none may mean a queue."""
        path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        query_string = scope["query_string"]
        if service is None:
            candidates = self._in_order(unquote(path))
        elif service in self._paths:
            candidates = [service]
        else:
            return None
        for name in candidates:
            found = self._paths[name].find(scope["method"], path, query_string)
            if found is not None:
                route, labels = found
                return route, RestRequest(labels, query_string, headers, body)
        if service is None:
            return None
        codec = self._services[service].rest or PLAIN_JSON
        raise UnroutableError(codec, UnknownOperationException(f"There is no {scope['method']} {path}."))

    def _in_order(self, path: str) -> list[str]:
        """Return the REST services for an unsigned request, first the one whose ARN is in the path."""
        return sorted(self._paths, key=lambda service: f":{service}:" not in path)

    def _identify_query(
        self, headers: Headers, path: str, query_string: bytes, body: bytes, service: str | None
    ) -> tuple[Route, query.Form]:
        is_json = _is_json[headers.get(b"content-type", b"")]
        accept = headers.get(b"accept")
        in_json = accept is not None and _accepts_json[accept]
        try:
            if service is not None and service not in self._services:
                raise self._unserved(service)
            form = query.parse(query_string) if query_string else {}
            if body and not is_json:
                form = form | query.parse(body) if form else query.parse(body)
            in_json = in_json or form.get("ContentType") == "JSON"
            action = form.get("Action")
            if not action:
                raise _no_operation(service, path)
            candidates = (self._actions_in_json if in_json else self._actions).get(action, {})
            if service is None:
                service = self._only_candidate(candidates, path, form)
            route = candidates.get(service)
            if route is None or (service == "sqs" and not route.takes_queue_url and is_queue_url(path)):
                raise InvalidAction(_invalid(action))
        except UnknownOperationException as error:
            raise UnroutableError(_NO_OPERATION, error) from None
        except EngineError as error:
            codec = self._codec(service, is_json=is_json, in_json=in_json)
            raise UnroutableError(codec, error) from None
        else:
            return route, form

    def _codec(self, service: str | None, *, is_json: bool, in_json: bool) -> Codec:
        bound = self._services.get(service or "")
        if is_json:
            return (bound and bound.json) or PLAIN_JSON
        codec = (bound and bound.query) or PLAIN_XML
        return codec.in_json if in_json else codec

    def _only_candidate(self, candidates: Mapping[str, Route], path: str, form: query.Form) -> str:
        """Choose for an unsigned request: a queue's URL, else the only service that knows the names given."""
        if path != "/" and "sqs" in candidates:
            return "sqs"
        named = form.keys()
        known = {
            service: sum(member.name in named for member in route.operation.input.members)
            for service, route in candidates.items()
        }
        return max(known, key=known.__getitem__, default="")

    def _unserved(self, service: str) -> NotImplementedHere:
        served = ", ".join(sorted(self._services))
        return NotImplementedHere(f"The service {service} is not served here; those served are {served}.")


def _no_operation(service: str | None, path: str) -> EngineError:
    """Return the error of a request without an Action, which SQS words otherwise than the others."""
    return UnknownOperationException() if service == "sqs" or is_queue_url(path) else MissingAction()


def _invalid(operation: str) -> str:
    return f"The action {operation} is not valid for this endpoint."
