"""In how many pieces answers are handed to the transport: head and body of one are never apart."""

import pytest

from pocketbus.apis.http.site import Site
from pocketbus.emulator.engine import Engine
from tests.apis.http.transport import connect, turns
from tests.apis.http.wire import HOST, parts, receive, request, send

HEALTH = f"GET /_pocketbus/health HTTP/1.1\r\n{HOST}\r\n".encode()
NONSENSE = b"nonsense\r\n\r\n"
CHUNKED = f"POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n".encode()
OVER_THE_CAP = f"POST / HTTP/1.1\r\n{HOST}Content-Length: 6000000\r\n\r\n".encode()


@pytest.mark.parametrize(
    "segments",
    [
        [send("one")],
        [*parts(send("one"))],
        [send("one")[:30], send("one")[30:-5], send("one")[-5:]],
        [HEALTH],
        [NONSENSE],
        [CHUNKED[:-9], CHUNKED[-9:]],
        [OVER_THE_CAP],
    ],
    ids=["whole", "late body", "three segments", "control path", "nonsense", "chunked", "over the cap"],
)
async def test_head_and_body_of_an_answer_leave_in_one_write(site: Site, segments: list[bytes]) -> None:
    connection, transport = connect(site)
    for segment in segments:
        connection.data_received(segment)
        await turns()

    (written,) = transport.written
    head, end, body = written.partition(b"\r\n\r\n")
    assert end
    assert int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]) == len(body) > 0


async def test_head_and_body_of_an_answer_that_had_to_wait_leave_in_one_write(
    engine: Engine, site: Site
) -> None:
    connection, transport = connect(site)
    connection.data_received(request("CreateQueue", QueueName="jobs"))
    connection.data_received(receive(20))
    await turns()
    assert len(transport.written) == 1
    engine.advance(20)
    await turns()

    assert transport.written[1].endswith(b"\r\n\r\n{}")


async def test_the_answers_of_one_turn_leave_together(site: Site) -> None:
    (first, one), (second, two) = connect(site), connect(site)
    first.data_received(request("CreateQueue", QueueName="jobs") + send("one"))
    second.data_received(send("two"))
    assert (one.written, two.written) == ([], [])
    await turns()

    assert (len(one.written), len(two.written)) == (1, 1)
    assert one.written[0].count(b"HTTP/1.1 200 OK") == 2


async def test_an_answer_is_dated_in_whole_seconds(site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(HEALTH)
    await turns()

    assert b"\r\ndate: Thu, 01 Jan 2026 10:00:00 GMT\r\n" in transport.written[0]


async def test_a_request_in_many_pieces_is_put_together_in_linear_time(site: Site) -> None:
    """Each piece of a URL of 60 kB comes alone; what is written shows that all of it was kept."""
    connection, transport = connect(site)
    connection.data_received(b"GET /?Action=")
    for _ in range(60_000):
        connection.data_received(b"x")
    connection.data_received(f" HTTP/1.1\r\n{HOST}\r\n".encode())
    await turns()

    assert b"x" * 60_000 in transport.written[0] or b"InvalidAction" in transport.written[0]


async def test_a_slow_reader_is_not_answered_further_until_it_reads(site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(request("CreateQueue", QueueName="jobs"))
    await turns()
    connection.pause_writing()
    for _ in range(200):
        connection.data_received(send("one"))
    await turns()
    assert (len(transport.written), transport.reading) == (1, False)

    connection.resume_writing()
    await turns()
    assert transport.reading
    assert b"".join(transport.written).count(b"HTTP/1.1 200 OK") == 201


async def test_what_comes_behind_a_long_poll_is_bounded(engine: Engine, site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(request("CreateQueue", QueueName="jobs") + receive(20))
    await turns()
    sent = 0
    while transport.reading and sent < 1000:
        connection.data_received(send("x" * 100_000))
        sent += 1
    assert 40 < sent < 100

    engine.advance(20)
    await turns()
    assert transport.reading
    assert b"".join(transport.written).count(b"HTTP/1.1 200 OK") == 2 + sent


async def test_an_end_answers_the_last_request_with_close(site: Site) -> None:
    connection, transport = connect(site)
    site.ending = True
    connection.data_received(request("CreateQueue", QueueName="jobs") + send("one"))
    await turns()

    first, second = b"".join(transport.written).split(b"HTTP/1.1 ")[1:]
    assert b"connection: close" not in first
    assert b"connection: close" in second
    assert transport.closed
