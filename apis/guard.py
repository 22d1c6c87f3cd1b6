"""Who may ask: programs, and web pages of allowed origins. docs/ORIGINS.md tells it to users.

A page cannot help that its browser names its origin with what it sends, in Origin or Sec-Fetch-Site. With what a page
only embeds or links to there is no Origin, and no Sec-Fetch-Site either where the server is neither on loopback nor
behind HTTPS. There a browser is known by its User-Agent.
"""

from starlette.types import Scope

from pocketbus.apis.call import Headers
from pocketbus.apis.codec import query
from pocketbus.apis.codec.errors import AccessDenied, MalformedInput
from pocketbus.apis.control.prefixes import is_control
from pocketbus.apis.hosts import ALL, answers_for, is_loopback, name_of

# Where the address bar or another program leads, and what the server's own pages ask for.
_OWN_SITES = frozenset({b"none", b"same-origin"})
_NO_ORIGIN_SENT = frozenset({"GET", "HEAD"})
_BROWSER = b"Mozilla/"
_OPENED = (b"navigate", b"document")

# What the links do that SNS sends: each names a token or a subscription that only its receiver knows.
_LINKED_ACTIONS = frozenset({"ConfirmSubscription", "Unsubscribe"})

_LONGEST_SHOWN = 200
_MOST_KNOWN = 1000
"""So many hosts need not be looked at again; what is remembered is bounded."""


class Guard:
    """Lets requests pass, or refuses them with a text that says how to allow them."""

    def __init__(self, allow_origins: frozenset[str], allow_hosts: frozenset[str]) -> None:
        self._origins = allow_origins
        self._hosts = allow_hosts
        self._known_hosts: set[bytes] = set()

    def origin_of(self, scope: Scope, headers: Headers) -> bytes | None:
        """Return the origin of the page that asks, if one does that names it. Raise AccessDenied."""
        host = headers.get(b"host", b"")
        if host not in self._known_hosts:
            self._check_host(host)
        origin = headers.get(b"origin")
        if origin is not None:
            if not self._allows(origin.decode("latin-1"), host.decode("latin-1")):
                raise _strange_origin(origin)
            return origin
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            self._check_site(site, scope, headers)
        elif scope["method"] in _NO_ORIGIN_SENT and headers.get(b"user-agent", b"").startswith(_BROWSER):
            self._check_unknown_site(scope)
        return None

    def _check_host(self, host: bytes) -> None:
        if not answers_for(host.decode("latin-1"), self._hosts):
            raise _strange_host(host)
        if len(self._known_hosts) < _MOST_KNOWN:
            self._known_hosts.add(host)

    def _allows(self, origin: str, host: str) -> bool:
        if ALL in self._origins or origin in self._origins:
            return True
        scheme, _, authority = origin.partition("://")
        return scheme in {"http", "https"} and (authority == host or is_loopback(authority))

    def _check_site(self, site: bytes, scope: Scope, headers: Headers) -> None:
        if site in _OWN_SITES or ALL in self._origins:
            return
        if site == b"same-site" and is_loopback(headers.get(b"host", b"").decode("latin-1")):
            return
        opened = (headers.get(b"sec-fetch-mode"), headers.get(b"sec-fetch-dest")) == _OPENED
        if not (opened and _is_linked(scope)):
            raise AccessDenied(
                "A page of another origin may not do this by a link, a form or what it embeds. A request that names"
                " its origin, as fetch does, may where --allow-origins (POCKETBUS_ALLOW_ORIGINS) lists it."
            )

    def _check_unknown_site(self, scope: Scope) -> None:
        if not (ALL in self._origins or is_control(scope["path"]) or _is_linked(scope)):
            raise AccessDenied(
                "A browser does not say here which page this comes from, as it does for http://localhost and for"
                " https. Use one of these, another method than GET, or --allow-origins '*' (POCKETBUS_ALLOW_ORIGINS)."
            )


def _is_linked(scope: Scope) -> bool:
    try:
        action = query.parse(scope["query_string"]).get("Action")
    except MalformedInput:
        return False
    return scope["method"] == "GET" and scope["path"] == "/" and action in _LINKED_ACTIONS


def _strange_host(host: bytes) -> AccessDenied:
    text = _shown(host)
    return AccessDenied(
        f"This server does not answer for the host {text}. If it is meant, start it with"
        f" --allow-hosts {name_of(text) or 'NAME'} (POCKETBUS_ALLOW_HOSTS)."
    )


def _strange_origin(origin: bytes) -> AccessDenied:
    text = _shown(origin)
    return AccessDenied(
        f"Pages of the origin {text} may not use this server. If they are meant to, start it with"
        f" --allow-origins {text} (POCKETBUS_ALLOW_ORIGINS)."
    )


def _shown(value: bytes) -> str:
    """Return a header's value as it may go into a text and a log."""
    return value[:_LONGEST_SHOWN].decode("ascii", "backslashreplace")
