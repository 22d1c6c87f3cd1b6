"""What comes in one turn of the event loop: all of it is read, then carried out in its order, then answered."""

import asyncio
import gc
import logging
from collections.abc import Callable

import pytest

from pocketbus.apis.http.connection import Connection
from pocketbus.apis.http.site import Site
from pocketbus.emulator.engine import Engine
from tests.apis.http.transport import Transport, connect, turns
from tests.apis.http.wire import receive, request, send

JOBS = request("CreateQueue", QueueName="jobs")


def stored(engine: Engine) -> list[str]:
    return [message.content.body for message in engine.scope("000000000000", "us-east-1").sqs.queues["jobs"]]


def failing_for(one: Connection) -> Callable[[Connection], None]:
    carry_out = Connection.carry_out

    def fail(connection: Connection) -> None:
        if connection is one:
            raise LookupError("a defect")
        carry_out(connection)

    return fail


def answers(transport: Transport) -> int:
    return b"".join(transport.written).count(b"HTTP/1.1 200 OK")


async def test_requests_are_carried_out_in_the_order_in_which_they_became_whole(
    site: Site, engine: Engine
) -> None:
    late, early = connect(site), connect(site)
    early[0].data_received(JOBS)
    whole = send("late")

    late[0].data_received(whole[:-5])
    early[0].data_received(send("early"))
    late[0].data_received(whole[-5:])
    await turns()

    assert stored(engine) == ["early", "late"]
    assert [len(transport.written) for _, transport in (early, late)] == [1, 1]


async def test_nothing_is_carried_out_before_all_is_read(site: Site, engine: Engine) -> None:
    connection, transport = connect(site)
    connection.data_received(JOBS)
    await turns()

    connection.data_received(send("one"))
    assert stored(engine) == []

    await turns()
    assert stored(engine) == ["one"]
    assert answers(transport) == 2


async def test_what_is_much_is_carried_out_at_once(site: Site, engine: Engine) -> None:
    connection, _ = connect(site)
    connection.data_received(JOBS)

    connection.data_received(send("m" * 70_000))

    assert len(stored(engine)) == 1


async def test_what_is_whole_is_carried_out_though_its_client_is_lost_in_the_same_turn(
    site: Site, engine: Engine
) -> None:
    connection, transport = connect(site)
    connection.data_received(JOBS + send("one"))
    transport.closed = True
    connection.connection_lost(None)
    await turns()

    assert stored(engine) == ["one"]
    assert transport.written == []


async def test_a_client_that_sends_nothing_more_in_the_same_turn_is_answered(site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(JOBS + send("one"))
    connection.eof_received()

    assert answers(transport) == 2


async def test_a_poll_that_comes_with_the_end_of_its_connection_is_given_up(
    site: Site, engine: Engine
) -> None:
    connection, transport = connect(site)
    connection.data_received(JOBS + receive(20) + send("behind"))
    connection.eof_received()
    await turns()

    assert answers(transport) == 1
    assert stored(engine) == []


async def test_a_server_that_ends_answers_what_came_in_the_same_turn(site: Site) -> None:
    connection, transport = connect(site)
    connection.data_received(JOBS + send("one"))
    site.ending = True
    connection.end()
    await turns()

    assert answers(transport) == 2
    assert transport.closed


async def test_a_client_that_takes_nothing_meanwhile_is_not_answered_further(
    site: Site, engine: Engine
) -> None:
    connection, transport = connect(site)
    connection.data_received(JOBS)
    await turns()

    connection.data_received(send("one"))
    connection.pause_writing()
    await turns()
    assert stored(engine) == []

    connection.resume_writing()
    await turns()
    assert stored(engine) == ["one"]
    assert answers(transport) == 2


async def test_a_defect_ends_one_connection_and_the_others_are_answered(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (broken, first), (whole, second) = connect(site), connect(site)
    broken.data_received(JOBS)
    whole.data_received(JOBS)
    monkeypatch.setattr(Connection, "carry_out", failing_for(broken))

    await turns()

    assert (first.aborted, answers(second)) == (True, 1)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_long_poll_that_the_end_of_the_server_overtakes_is_given_up(site: Site) -> None:
    connection, _ = connect(site)
    connection.data_received(JOBS)
    await turns()
    connection.data_received(receive(20))
    await asyncio.sleep(0)  # it is carried out, and its task has not begun

    await site.drop()
    gc.collect()

    assert asyncio.all_tasks() == {asyncio.current_task()}
