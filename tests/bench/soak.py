"""Sends, receives and deletes in batches over HTTP for a while, and tells what memory the server holds meanwhile.

`make soak SECONDS=600` goes on for longer than two minutes. The end must be within 5 % of the middle.
"""

import asyncio
import json
import os
import subprocess
import sys
import time

import uvloop

from scripts.ports import free_port
from tests.bench.load import Caller, Connection, Conversation, connect, sqs_request
from tests.bench.processes import pocketbus, resident_megabytes, wait_until_answered

SECONDS = float(os.environ.get("SECONDS", "120"))
CONNECTIONS = 8
BATCH = 10
MOST_GROWTH = 1.05


class Cycles:
    """What the connections do until they are stopped: send ten messages, receive and delete what is there."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.deleted = 0
        self.stopped = False

    def conversation(self) -> Conversation:
        entries = [{"Id": str(number), "MessageBody": "x" * 200} for number in range(BATCH)]
        send = sqs_request("SendMessageBatch", QueueUrl=self._url, Entries=entries)
        receive = sqs_request("ReceiveMessage", QueueUrl=self._url, MaxNumberOfMessages=BATCH)
        while not self.stopped:
            yield send
            messages = json.loads((yield receive)).get("Messages", [])
            if messages:
                handles = [
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(messages)
                ]
                yield sqs_request("DeleteMessageBatch", QueueUrl=self._url, Entries=handles)
                self.deleted += len(handles)


async def soak(process: subprocess.Popen[bytes], port: int) -> bool:
    caller = await Caller.open(port)
    url = json.loads(await caller.ask(sqs_request("CreateQueue", QueueName="soak")))["QueueUrl"]
    cycles = Cycles(url)
    held: dict[Connection, Conversation] = {}

    def go_on(connection: Connection, body: bytes) -> None:
        try:
            connection.transport.write(held[connection].send(body))
        except StopIteration:
            connection.transport.close()

    begun_at = time.monotonic()
    _tell("start", process, cycles)
    for connection in await connect(port, go_on, CONNECTIONS):
        held[connection] = cycles.conversation()
        connection.transport.write(next(held[connection]))
    await asyncio.sleep(SECONDS / 2)
    middle = _tell("middle", process, cycles)
    await asyncio.sleep(max(0.0, begun_at + SECONDS - time.monotonic()))
    cycles.stopped = True
    end = _tell("end", process, cycles)
    return end <= middle * MOST_GROWTH


def _tell(when: str, process: subprocess.Popen[bytes], cycles: Cycles) -> float:
    megabytes = resident_megabytes(process)
    print(f"{when:<7} {megabytes:7.1f} MB, {cycles.deleted:,} messages sent and deleted", flush=True)
    return megabytes


def main() -> int:
    port = free_port()
    with pocketbus(port) as process:
        wait_until_answered(port)
        flat = uvloop.run(soak(process, port))
    print("memory is flat" if flat else "memory GREW by more than 5 % from the middle to the end")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
