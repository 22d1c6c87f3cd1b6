"""The shard that a browser looks at: it is named once, and a cookie names it on every page behind that."""

import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pocketbus.apis.codec.answer import Answer
from pocketbus.emulator.ids import token

_CHOSEN: Final = re.compile(rb"(?:^|;\s*)pocketbus-shard=([0-9]{1,2})(?:;|$)")
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Shards - pocketbus</title>
<h1>Which shard?</h1>
<p>The accounts are spread over {count} shards. Pages show one; name it or an account, as in ?account=000000000000.</p>
<ul>{items}</ul>
</html>
"""


def chosen(scope: Scope, shards: int) -> int | None:
    """Return the shard that a browser has named before."""
    for name, value in scope["headers"]:
        if name == b"cookie" and (found := _CHOSEN.search(value)) is not None:
            return int(found[1]) if int(found[1]) < shards else None
    return None


def remembered(app: ASGIApp, shard: int) -> ASGIApp:
    """Return the application, with answers that have a browser remember a shard."""
    cookie = b"pocketbus-shard=%d; Path=/_pocketbus; SameSite=Lax; HttpOnly" % shard

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie)]}
            await send(message)

        await app(scope, receive, pass_on)

    return answer


def choice(root: str, shards: int) -> Answer:
    """Return the page that asks which shard to look at."""
    items = "".join(
        f'<li><a href="{root}?shard={number}">Shard {number}</a></li>' for number in range(shards)
    )
    content = _PAGE.format(count=shards, items=items).encode()
    return Answer(200, b"text/html; charset=utf-8", token(), content)
