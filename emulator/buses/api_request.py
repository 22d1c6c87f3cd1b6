"""The requests to API destinations and to OAuth's endpoints, made of what target, destination and connection say.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlencode, urlsplit, urlunsplit

from pocketbus.emulator.buses.api_destination import ApiDestination
from pocketbus.emulator.buses.connection import Connection, HttpParameter, HttpParameters, OAuthAuthorization
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.rules import json_text

_OWN_HEADERS = {
    "User-Agent": "Amazon/EventBridge/ApiDestinations",
    "Range": "bytes=0-1048575",
    "Accept-Encoding": "gzip,deflate",
    "Connection": "close",
}
_CONTENT_TYPE = {"Content-Type": "application/json; charset=utf-8"}
_FORM_CONTENT_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}
_OF_ONE_HOP = (
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
)
_OF_PROXIES = ("forwarded", "max-forwards", "proxy-authenticate", "proxy-authorization", "via")
_OF_CACHES = ("cache-control", "pragma", "warning")
_OF_CONDITIONS = ("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since")
_OF_THE_BODY = ("content-encoding", "content-length", "content-md5", "expect")
_OF_THE_ANSWER = ("a-im", "accept-charset", "accept-datetime", "accept-encoding", "range")
_OF_THE_SENDER = ("date", "from", "host", "http2-settings", "origin", "referer", "user-agent")
_RESERVED_HEADERS = frozenset(
    _OF_ONE_HOP + _OF_PROXIES + _OF_CACHES + _OF_CONDITIONS + _OF_THE_BODY + _OF_THE_ANSWER + _OF_THE_SENDER
)
"""What EventBridge takes out of the headers that a target or a connection adds."""


class Request(NamedTuple):
    """What is sent, before it is authorized."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str


def request_of(destination: ApiDestination, connection: Connection, delivery: Delivery) -> Request:
    """Make the request of what target, destination and connection say; the connection has the last word."""
    given: Mapping[str, Any] = getattr(delivery, "parameters", {}).get("HttpParameters") or {}
    of_connection = connection.settings.http_parameters or HttpParameters()
    query = given.get("QueryStringParameters") or {}
    return Request(
        destination.settings.http_method,
        _with_query(
            _with_path(destination.settings.endpoint, given.get("PathParameterValues") or ()),
            {**query, **_values(of_connection.query_string)},
        ),
        _headers(_CONTENT_TYPE, given.get("HeaderParameters") or {}, _values(of_connection.headers)),
        _with_members(delivery.content.body, _values(of_connection.body)),
    )


def token_request(authorization: OAuthAuthorization) -> Request:
    """Make the request that exchanges client credentials for a token."""
    parameters = authorization.http_parameters or HttpParameters()
    form = {
        "grant_type": "client_credentials",
        "client_id": authorization.client_id,
        "client_secret": authorization.client_secret,
        **_values(parameters.body),
    }
    return Request(
        authorization.http_method.upper(),
        _with_query(authorization.endpoint, _values(parameters.query_string)),
        _headers(_FORM_CONTENT_TYPE, _values(parameters.headers)),
        urlencode(form),
    )


def _headers(*given: Mapping[str, str]) -> dict[str, str]:
    """Lay headers over one another, the last word to the last; what is reserved stays as it is."""
    free = [{name: value for name, value in one.items() if not is_reserved(name)} for one in given]
    return merged_headers(*free, _OWN_HEADERS)


def is_reserved(header: str) -> bool:
    """Tell the headers that parameters of targets and connections do not reach: those of a proxy or of one hop."""
    return header.lower() in _RESERVED_HEADERS


def merged_headers(*given: Mapping[str, str]) -> dict[str, str]:
    """Merge headers, whose names are the same in capital and small letters."""
    merged = {name.lower(): (name, value) for one in given for name, value in one.items()}
    return dict(merged.values())


def _values(parameters: Iterable[HttpParameter]) -> dict[str, str]:
    return {parameter.name: parameter.value for parameter in parameters}


def _with_path(url: str, values: Iterable[str]) -> str:
    """Put the values in the places of the asterisks, in order.

    >>> _with_path("https://example.com/orders/*/items/*", ["7", "a b"])
    'https://example.com/orders/7/items/a%20b'
    """
    for value in values:
        url = url.replace("*", quote(value, safe=""), 1)
    return url


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    """Add to the query string, in the place of what has the same name; the rest stays as it was written.

    >>> _with_query("https://example.com/?a=1&b=2&a=%7E#top", {"b": "3 4"})
    'https://example.com/?a=1&a=%7E&b=3+4#top'
    """
    if not parameters:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and _name_of(pair) not in parameters]
    return urlunsplit(parts._replace(query="&".join([*kept, urlencode(parameters)])))


def _name_of(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _with_members(body: str, members: Mapping[str, str]) -> str:
    """Add members to a body that is a JSON object, whose numbers stay as written; another body stays as it is.

    >>> _with_members('{"price": 1.50}', {"currency": "EUR"})
    '{"price":1.50,"currency":"EUR"}'
    """
    if not members:
        return body
    try:
        document = json_text.decode(body)
    except ValueError:
        return body
    return json_text.encode({**document, **members}) if isinstance(document, dict) else body
