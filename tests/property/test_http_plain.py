"""A request that is read at a stroke is read just as the parser reads it, and all others are left to the parser."""

from collections import deque
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketbus.apis.http import plain
from pocketbus.apis.http.exchange import Channel, Exchange
from pocketbus.apis.http.limits import Limits
from pocketbus.apis.http.message import Refusal
from pocketbus.apis.http.reader import Line, Reader
from tests.bench.load import sqs_request
from tests.property.fuzz import cases
from tests.property.test_http_hostile import conversations

NOBODY = cast(Channel, None)
SIGNS = st.sampled_from(list(" \t:;,=#?/%\\\"'\x00\x01\x0b\x7f\r\n\x80\xff"))
NAMES = st.sampled_from(
    [
        *("Host", "host", "Content-Length", "content-length", "Content-Type", "X-Amz-Target", "A-b_c.d~1"),
        *(
            "Connection",
            "Expect",
            "Proxy-Connection",
            "Transfer-Encoding",
            "Upgrade",
            "Keep-Alive",
            "TE",
            "Trailer",
        ),
    ]
)
VALUES = st.sampled_from(
    [
        *(
            "localhost",
            "keep-alive",
            "Keep-Alive",
            "close",
            "upgrade",
            "keep-alive, close",
            "chunked",
            "identity",
        ),
        *(
            "100-continue",
            "h2c",
            "",
            "0",
            "3",
            "03",
            "+3",
            "3, 3",
            "3 ",
            "-1",
            "99999999999999999999",
            "a b  c",
        ),
    ]
)
ODD = st.text(st.characters(min_codepoint=0, max_codepoint=255) | SIGNS, max_size=6)
HEADERS = st.builds(
    "{}{}{}{}".format, NAMES | ODD, st.sampled_from([":", ": ", ":  ", ":\t", " :", ""]), VALUES | ODD, ODD
)
STARTS = st.builds(
    "{} {}{}".format,
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "get", ""]),
    st.sampled_from(["/", "/a/b?c=d&e=%20", "/a#b", "*", "http://a/b", "//", "/%zz", ""])
    | ODD.map("/{}".format),
    st.sampled_from([" HTTP/1.1", " HTTP/1.0", "  HTTP/1.1", " HTTP/1.1 ", " HTTP/2.0", " http/1.1", ""]),
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Draw a request that is nearly plain, often with something that is not."""
    body = draw(st.sampled_from(["", "abc", "3\r\nabc\r\n0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"]))
    start = draw(st.just("POST / HTTP/1.1") | STARTS)
    headers = ["Host: localhost", f"Content-Length: {len(body)}", *draw(st.lists(HEADERS, max_size=3))]
    lines = draw(st.permutations(headers))
    end = draw(st.sampled_from(["\r\n", "\r\n", "\r\n", "\n"]))
    return end.join([start, *lines[draw(st.integers(0, 1)) :], "", body]).encode("latin-1")


class Read(NamedTuple):
    """What a reader makes of pieces; the requests of a refused connection are those before."""

    requests: list[Any]
    arriving: Any
    begun: bool
    last: bool
    refused: tuple[int, str] | None


def read(pieces: list[bytes], limits: Limits) -> Read:
    line: Line = deque()
    reader = Reader(limits, line, NOBODY)
    reader.scope = {"type": "http", "scheme": "http"}
    refused = None
    for piece in pieces:
        if reader.last:
            break
        try:
            reader.feed(piece)
        except Refusal as refusal:
            refused = refusal.status, str(refusal)
            break
    return Read([told(one) for one in line], told(reader.arriving), reader.begun, reader.last, refused)


def told(exchange: Exchange | Refusal | None) -> Any:
    if not isinstance(exchange, Exchange):
        return exchange
    return {name: getattr(exchange, name) for name in exchange.__struct_fields__}


def parsed(pieces: list[bytes], limits: Limits) -> Read:
    """Read with the parser alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "parts_of", lambda *_: None)
        return read(pieces, limits)


@settings(max_examples=cases(1000), deadline=None)
@given(
    pieces=st.lists(requests(), max_size=3),
    cut=st.integers(-5, 0),
    bound=st.sampled_from([1, 3, 40, 100_000]),
)
def test_requests_are_read_as_the_parser_reads_them(pieces: list[bytes], cut: int, bound: int) -> None:
    limits = Limits(url=bound, head=bound, headers=bound, body=bound)
    pieces = [
        part for piece in pieces for part in (piece[: cut or None], piece[cut:] if cut else b"") if part
    ]

    assert read(pieces, limits) == parsed(pieces, limits)


@settings(max_examples=cases(300), deadline=None)
@given(pieces=conversations())
def test_whatever_comes_in_pieces_is_read_as_the_parser_reads_it(pieces: list[bytes]) -> None:
    assert read(pieces, Limits()) == parsed(pieces, Limits())


@pytest.mark.parametrize(
    "extra",
    [
        b"",
        b"Connection: keep-alive\r\nAccept: */*\r\n",
        b"connection: Keep-Alive\r\namz-sdk-invocation-id: 5b2a\r\namz-sdk-request: attempt=1; max=3\r\n",
        b"Cache-Control:no-cache\r\n",
    ],
)
def test_what_sdks_send_needs_no_parser(extra: bytes) -> None:
    whole = sqs_request("SendMessage", QueueUrl="jobs", MessageBody="one").replace(
        b"\r\nHost", b"\r\n" + extra + b"Host"
    )
    head, _, body = whole.partition(b"\r\n\r\n")

    start, *lines = head.split(b"\r\n")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    assert plain.parts_of(whole, 4096) == (start, headers, dict(headers), body, 0)
