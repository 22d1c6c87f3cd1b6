"""Who may use the control paths: programs, and pages that this server sent itself. No page from elsewhere.

A page from elsewhere is known by its Origin or Sec-Fetch-Site header. One that made its own name point here (DNS
rebinding) is known by its Host, a name that the public DNS may hold.
"""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# A name without a dot, or below one of these, is not to be had in the public DNS.
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".test", ".lan", ".localdomain", ".home.arpa")
_LOOPBACK_NAME = "localhost.localstack.cloud"
"""A public name, with all below it, that means 127.0.0.1."""
_FROM_ELSEWHERE = frozenset({"cross-site", "same-site"})


def guarded(app: ASGIApp, own_hosts: Collection[str] = (), public: Collection[str] = ()) -> ASGIApp:
    """Refuse what a page from elsewhere asks, but for the `public` paths.

    `own_hosts` are names of the public DNS under which this server is reached.
    """

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None if scope["path"] in public else _objection(Headers(scope=scope), own_hosts)
        if refusal is None:
            await app(scope, receive, send)
        else:
            await JSONResponse({"error": refusal}, status_code=403)(scope, receive, send)

    return guard


def _objection(headers: Headers, own_hosts: Collection[str]) -> str | None:
    host = headers.get("host", "")
    origin = headers.get("origin")
    if headers.get("sec-fetch-site") in _FROM_ELSEWHERE or (
        origin is not None and _authority(origin) != host
    ):
        return "The request comes from another origin."
    name = _name(host)
    if name is None or not (_is_private(name) or name in own_hosts):
        return f"The control paths do not answer for the host {host}; allow it with --control-hosts."
    return None


def _authority(origin: str) -> str:
    return urlsplit(origin).netloc


def _name(host: str) -> str | None:
    """Return the host without its port, or None if it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return None


def _is_private(name: str) -> bool:
    return (
        "." not in name
        or name.endswith(_PRIVATE_SUFFIXES)
        or name == _LOOPBACK_NAME
        or name.endswith(f".{_LOOPBACK_NAME}")
        or _is_address(name)
    )


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
