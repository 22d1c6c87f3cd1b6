"""Many connections at once: idle ones in the way of nobody, long polls each answered by its own message."""

import asyncio

import pytest

from tests.apis.http.wire import HOST, bodies, receive, send, serving

IDLE = 400
POLLS = 300


async def test_many_idle_connections_are_held_and_served() -> None:
    async with serving() as served:
        clients = [await served.connect() for _ in range(IDLE)]
        for number in (0, IDLE // 2, IDLE - 1):
            clients[number].ask(send(str(number)))
            assert await clients[number].status() == 200

        assert served.texts == ["0", str(IDLE // 2), str(IDLE - 1)]


async def test_many_long_polls_are_each_answered_by_a_message_of_their_own() -> None:
    async with serving() as served:
        clients = [await served.connect() for _ in range(POLLS)]
        for client in clients:
            client.ask(receive(20))
        await served.polls(POLLS)
        sender = await served.connect()
        for number in range(POLLS):
            sender.ask(send(str(number)))
            assert await sender.status() == 200
        received = [bodies(await client.answer()) for client in clients]

        assert received == [[str(number)] for number in range(POLLS)]


async def test_a_server_ends_under_load_without_its_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pocketbus.server._GRACE_SECONDS", 3600)
    async with serving() as served:
        ended: list[bool] = []

        async def load(asked: bytes) -> None:
            client = await served.connect()
            try:
                while True:
                    client.ask(asked)
                    await client.whole()
            except (asyncio.IncompleteReadError, ConnectionError):
                ended.append(True)

        stream = f"GET /_pocketbus/trace/stream HTTP/1.1\r\n{HOST}\r\n".encode()
        loads = [asyncio.create_task(load(send("one"))) for _ in range(10)]
        loads.append(asyncio.create_task(load(receive(20))))
        for _ in range(20):
            client = await served.connect()
            client.ask(stream)
        await client.turns(50)
        served.server.end()
        await served.ended()
        await asyncio.gather(*loads)

        assert len(ended) == len(loads)
