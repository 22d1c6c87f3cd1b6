"""The URLs that EventBridge calls: those of API destinations and of OAuth."""

from urllib.parse import urlsplit

from pocketbus.emulator.errors import ValidationException

_SCHEMES = frozenset({"https", "http"})
"""AWS takes https only; an endpoint in a test is seldom that."""


def check_url(url: str, parameter: str) -> str:
    """Return a URL of HTTP that names a host; raise ValidationException for any other."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValidationException(
            f"Parameter {parameter} is not valid. Reason: it must be a URL of https or http with a host."
        )
    return url
