"""A browser names the shard that it looks at once."""

import pytest
from starlette.types import Receive, Scope, Send

from pocketbus.apis.codec.answer import Answer
from pocketbus.cluster.looking import choice, chosen, remembered
from tests.apis.asgi import ask, scope_of


@pytest.mark.parametrize(
    ("cookie", "shard"),
    [
        ("pocketbus-shard=1", 1),
        ("theme=dark; pocketbus-shard=0", 0),
        ("pocketbus-shard=3", None),
        ("pocketbus-shard=-1", None),
        ("not-pocketbus-shard=1", None),
        ("theme=dark", None),
    ],
)
def test_a_cookie_names_a_shard_that_there_is(cookie: str, shard: int | None) -> None:
    assert chosen(scope_of(path="/_pocketbus/ui", headers={"cookie": cookie}), 3) == shard


def test_without_a_cookie_nothing_is_chosen() -> None:
    assert chosen(scope_of(path="/_pocketbus/ui"), 3) is None


async def test_an_answer_has_the_browser_remember_the_shard() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await Answer(200, b"text/html", "id", b"here")(scope, receive, send)

    reply = await ask(remembered(page, 2), b"", method="GET", path="/_pocketbus/ui")
    assert reply.text == "here"
    assert reply.headers["set-cookie"] == "pocketbus-shard=2; Path=/_pocketbus; SameSite=Lax; HttpOnly"


async def test_who_has_named_none_is_asked() -> None:
    reply = await ask(choice("/_pocketbus/ui", 2), b"", method="GET", path="/_pocketbus/ui")
    assert '<li><a href="/_pocketbus/ui?shard=1">Shard 1</a></li></ul>' in reply.text
