"""A running server as the commands see it: its control paths, its AWS operations, and its refusals as one error."""

import json
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener
from xml.etree import ElementTree as ET

URL_VARIABLES = ("POCKETBUS_URL", "AWS_ENDPOINT_URL")
DEFAULT_URL = "http://localhost:4566"
_NOT_MET = 408
_PAGE = 1000
_ACCOUNT = re.compile("[0-9]{12}")
_NAMING = ("name", "queue", "topic", "bus", "resource")
"""The parameters of control paths that may say whose something is."""
_OWNED = re.compile(r"(?:arn:[^:]*:[^:]*:[^:]*:|https?://\S*/)([0-9]{12})[:/]")
"""What an ARN or the URL of a queue begins with."""


class RemoteError(Exception):
    """The server is not there, refuses, or does not have what is meant; the text says which."""


class Arn(NamedTuple):
    """What a command needs to know of a resource to ask AWS's operations about it."""

    text: str
    region: str
    account: str
    name: str


class Remote:
    """`account` and `region` are what was asked for; None leaves them to the server. Raise RemoteError."""

    def __init__(self, url: str, account: str | None, region: str | None) -> None:
        if not _is_address(url):
            raise RemoteError(f"no server answers at {url}: give an address such as {DEFAULT_URL}")
        self.url = url.rstrip("/")
        self.account = account
        self.region = region
        # An emulator is near: no proxy leads there.
        handlers: list[Any] = [ProxyHandler({})]
        if url.startswith("https:"):
            handlers.append(HTTPSHandler(context=_trust()))
        self._opener = build_opener(*handlers)

    def control(self, method: str, path: str, *, of: str | None = None, **parameters: Any) -> Any:
        """Ask a control path; what was left out is not sent.

        The account that it is about signs it, which leads to its shard in a cluster: that of a resource that is named,
        that which it is said to be `of`, or the one that was asked for.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        body = None if method == "GET" else json.dumps(given).encode()
        query = f"?{_encoded(given)}" if method == "GET" and given else ""
        url, headers = f"{self.url}/_pocketbus/{path}{query}", self._signed_for(given, of or self.account)
        return json.loads(self._ask(Request(url, body, headers, method=method)))

    def put(self, path: str, body: bytes) -> Any:
        url, headers = f"{self.url}/_pocketbus/{path}", self._signed_for({}, self.account)
        return json.loads(self._ask(Request(url, body, headers, method="PUT")))

    def _signed_for(self, parameters: Mapping[str, Any], account: str | None) -> dict[str, str]:
        """Sign for the account that an ARN or a URL names, else for this one."""
        named = (_OWNED.match(str(parameters[name])) for name in _NAMING if name in parameters)
        owner = next((found[1] for found in named if found), account)
        known = owner is not None and _ACCOUNT.fullmatch(owner)
        return _signed("sqs", Arn("", self.region or "", owner or "", "")) if known else {}

    def where(self) -> dict[str, str | None]:
        return {"account": self.account, "region": self.region}

    def all(self, noun: str) -> list[dict[str, Any]]:
        """Return all there is, page by page, in the account and region that were asked for."""
        found: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = self.control("GET", noun, after=after, limit=_PAGE, **self.where())
            found += page[noun]
            after = page["next"]
        return found

    def find(self, noun: str, name: str) -> Arn:
        """Find a queue, topic or bus by what a person calls it. Raise RemoteError, which says where else it is."""
        found = self.control("GET", noun, name=name, **self.where())[noun][0]
        _, _, _, region, account, _ = found["arn"].split(":", 5)
        return Arn(found["arn"], region, account, found["name"])

    def call(self, target: str, service: str, at: Arn, **members: Any) -> Any:
        """Call an operation of a service that speaks JSON, in the account and region of a resource."""
        headers = {
            "X-Amz-Target": target,
            "Content-Type": "application/x-amz-json-1.1",
            **_signed(service, at),
        }
        return json.loads(self._ask(Request(self.url, json.dumps(members).encode(), headers)) or b"{}")

    def call_query(self, service: str, at: Arn, **members: str) -> dict[str, str]:
        """Call an operation of a service that speaks forms and XML; return the texts of the answer by their name."""
        request = Request(self.url, _encoded(members).encode(), _signed(service, at))
        return {_local(element): element.text or "" for element in _parsed(self._ask(request)).iter()}

    @contextmanager
    def stream(self, path: str, parameters: Mapping[str, str]) -> Iterator[HTTPResponse]:
        """Open a stream of server-sent events."""
        url = f"{self.url}/_pocketbus/{path}?{_encoded(parameters)}"
        request = Request(url, headers=self._signed_for(parameters, self.account))
        try:
            with self._opener.open(request) as answer:
                yield answer
        except HTTPError as error:
            raise RemoteError(f"{self.url} refuses: {_reason(error)}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise self._absent(error) from error

    def _ask(self, request: Request) -> bytes:
        try:
            with self._opener.open(request) as answer:
                body: bytes = answer.read()
                return body
        except HTTPError as error:
            if error.code == _NOT_MET:
                return error.read()
            raise RemoteError(_reason(error)) from error
        except (OSError, HTTPException, ValueError) as error:
            raise self._absent(error) from error

    def _absent(self, error: Exception) -> RemoteError:
        reason = error.reason if isinstance(error, URLError) else error
        return RemoteError(
            f"no server answers at {self.url}: {reason}; start one with `pocketbus`, "
            "or name another with --url or POCKETBUS_URL"
        )

    def covers(self, arn: str) -> bool:
        _, _, _, region, account, _ = f"{arn}:::::".split(":", 5)
        return self.account in (None, account) and self.region in (None, region)


def url_of(given: str | None, environment: Mapping[str, str]) -> str:
    """Choose the address: the option, else the first variable that is set, else the usual one."""
    named = (environment.get(name) for name in URL_VARIABLES)
    return given or next(filter(None, named), DEFAULT_URL)


def _encoded(parameters: Mapping[str, Any]) -> str:
    """Write a form; what a shell gave that is no UTF-8 goes as the bytes it was, for the server to refuse."""
    return urlencode(parameters, errors="surrogateescape")


def _is_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)


def _signed(service: str, at: Arn) -> dict[str, str]:
    credential = f"Credential={at.account}/20260101/{at.region}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"}


def _reason(error: HTTPError) -> str:
    """Return what a refusal says: a control path's, or an AWS error's code and message."""
    text = error.read().decode("utf-8", "replace")
    try:
        told = json.loads(text)
        return (
            str(told["error"])
            if "error" in told
            else f"{told['__type'].rpartition('#')[2]}: {told['message']}"
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        found = {_local(element): element.text for element in _parsed(text.encode()).iter()}
        return f"{found['Code']}: {found['Message']}" if "Code" in found else f"HTTP {error.code}"


def _parsed(text: bytes) -> ET.Element:
    try:
        return ET.fromstring(text)  # noqa: S314 - the user's own server
    except ET.ParseError:
        return ET.Element("nothing")


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
