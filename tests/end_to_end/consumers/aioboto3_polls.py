"""Waits on many queues at once with aioboto3, then sends to one after the other; prints what each wait brought."""
# mypy: disable-error-code="import-not-found"
# ruff: noqa: T201

import asyncio
import json
import sys
from typing import Any

from aioboto3 import Session
from botocore.config import Config


async def receive(sqs: Any, queue_url: str) -> list[str]:
    answer = await sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=20)
    return [message["Body"] for message in answer.get("Messages", [])]


async def main(count: int) -> None:
    config = Config(max_pool_connections=count + 1)
    async with Session().client("sqs", config=config) as sqs:
        started = asyncio.Semaphore(0)
        sqs.meta.events.register("before-send.sqs.ReceiveMessage", lambda **_: started.release())
        queues = [await sqs.create_queue(QueueName=f"queue-{number}") for number in range(count)]
        urls = [queue["QueueUrl"] for queue in queues]
        waits = [asyncio.create_task(receive(sqs, url)) for url in urls]
        for _ in waits:
            await started.acquire()
        for number, (url, wait) in enumerate(zip(urls, waits, strict=True)):
            await sqs.send_message(QueueUrl=url, MessageBody=f"message {number}")
            bodies = await wait
            print(json.dumps([bodies, sum(not other.done() for other in waits)]))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
