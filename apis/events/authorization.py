"""A connection's authorization and HTTP parameters on the wire: read whole, written without their secrets."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pocketbus.apis.events.urls import check_url
from pocketbus.emulator.buses.connection import (
    API_KEY,
    AUTHORIZATION_TYPES,
    BASIC,
    OAUTH,
    ApiKeyAuthorization,
    Authorization,
    BasicAuthorization,
    HttpParameter,
    HttpParameters,
    OAuthAuthorization,
)
from pocketbus.emulator.errors import ValidationException

Wire = Mapping[str, Any]


class Form(Struct, frozen=True):
    """How one type of authorization is written: its member of AuthParameters, its fields by the path to each."""

    record: type[Authorization]
    member: str
    paths: Mapping[str, str]


_FORMS: Mapping[str, Form] = {
    BASIC: Form(BasicAuthorization, "BasicAuthParameters", {"username": "Username", "password": "Password"}),
    API_KEY: Form(
        ApiKeyAuthorization, "ApiKeyAuthParameters", {"name": "ApiKeyName", "value": "ApiKeyValue"}
    ),
    OAUTH: Form(
        OAuthAuthorization,
        "OAuthParameters",
        {
            "client_id": "ClientParameters.ClientID",
            "client_secret": "ClientParameters.ClientSecret",
            "endpoint": "AuthorizationEndpoint",
            "http_method": "HttpMethod",
        },
    ),
}
_OAUTH_HTTP = "OAuthHttpParameters"
_SECRET_FIELDS = frozenset({"password", "value", "client_secret"})
_LISTS: Mapping[str, str] = {
    "headers": "HeaderParameters",
    "query_string": "QueryStringParameters",
    "body": "BodyParameters",
}


def read_authorization(kind: str, wire: Wire, current: Authorization | None = None) -> Authorization | None:
    """Read the parameters of an authorization of this type; what they leave out stays as it is in `current`."""
    form = _FORMS[kind]
    _refuse_others(kind, wire)
    same = current if isinstance(current, form.record) else None
    if form.member not in wire:
        if same is None:
            raise ValidationException(f"Parameter(s) AuthParameters.{form.member} must be specified.")
        return same
    return _merged(form, wire[form.member], same)


def _refuse_others(kind: str, wire: Wire) -> None:
    others = sorted(form.member for name, form in _FORMS.items() if name != kind and form.member in wire)
    if others:
        raise ValidationException(
            f"Parameter(s) AuthParameters.{', AuthParameters.'.join(others)} must not be specified "
            f"for authorization type {kind}."
        )


def _merged(form: Form, wire: Wire, current: Authorization | None) -> Authorization:
    fields = {field: _at(wire, path) for field, path in form.paths.items()}
    given: dict[str, Any] = {field: value for field, value in fields.items() if value is not None}
    if "endpoint" in given:
        check_url(given["endpoint"], f"AuthParameters.{form.member}.AuthorizationEndpoint")
    if _OAUTH_HTTP in wire:
        given["http_parameters"] = read_http_parameters(wire[_OAUTH_HTTP])
    if current is not None:
        return replace(current, **given)
    missing = [path for field, path in form.paths.items() if field not in given]
    if missing:
        raise ValidationException(
            f"Parameter(s) AuthParameters.{form.member}.{missing[0]} must be specified."
        )
    return form.record(**given)


def _at(wire: Wire, path: str) -> Any:
    outer, _, inner = path.rpartition(".")
    return (wire.get(outer, {}) if outer else wire).get(inner)


def write_authorization(authorization: Authorization | None, *, with_secrets: bool = False) -> dict[str, Any]:
    if authorization is None:
        return {}
    form = _FORMS[AUTHORIZATION_TYPES[type(authorization)]]
    written: dict[str, Any] = {}
    for field, path in form.paths.items():
        outer, _, inner = path.rpartition(".")
        if with_secrets or field not in _SECRET_FIELDS:
            place = written.setdefault(outer, {}) if outer else written
            place[inner] = getattr(authorization, field)
    if isinstance(authorization, OAuthAuthorization):
        written[_OAUTH_HTTP] = write_http_parameters(authorization.http_parameters, with_secrets=with_secrets)
    return {form.member: written}


def read_http_parameters(wire: Wire) -> HttpParameters:
    return HttpParameters(
        **{
            field: tuple(
                HttpParameter(item.get("Key", ""), item.get("Value", ""), item.get("IsValueSecret", False))
                for item in wire.get(name, ())
            )
            for field, name in _LISTS.items()
        }
    )


def write_http_parameters(
    parameters: HttpParameters | None, *, with_secrets: bool = False
) -> dict[str, Any] | None:
    """Write the parameters, of secret ones the values only if asked for; None: not even an empty set was given."""
    if parameters is None:
        return None
    return {
        name: [_write_parameter(parameter, with_secrets) for parameter in getattr(parameters, field)]
        for field, name in _LISTS.items()
        if getattr(parameters, field)
    }


def _write_parameter(parameter: HttpParameter, with_secrets: bool) -> dict[str, Any]:
    shown = {} if parameter.is_secret and not with_secrets else {"Value": parameter.value}
    return {"Key": parameter.name, **shown, "IsValueSecret": parameter.is_secret}
