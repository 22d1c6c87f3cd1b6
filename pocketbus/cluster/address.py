"""Where the log of a cluster is: `nats://host,host,host/NAME`."""

import re
from typing import Final, NamedTuple, Self

_FORM: Final = re.compile(r"(nats|tls)://([^/\s]+)/([A-Za-z0-9_-]{1,64})")
_SERVER: Final = re.compile(r"([^@\s]+@)?([^\s:@]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?")


class Address(NamedTuple):
    """The servers of NATS, as URLs, and the name that all a cluster keeps there begins with."""

    servers: tuple[str, ...]
    name: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Read one. Raise ValueError."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(
                f"{text!r} is no log; give nats://HOST[:PORT],HOST[:PORT],.../NAME, with a name of letters, digits, "
                f"- and _"
            )
        scheme, servers, name = found.groups()
        for server in servers.split(","):
            if not _SERVER.fullmatch(server):
                raise ValueError(
                    f"{server!r} is no server of NATS; give HOST or HOST:PORT, several by commas"
                )
        return cls(tuple(f"{scheme}://{server}" for server in servers.split(",")), name)
