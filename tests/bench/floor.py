"""The floor: the least an ASGI app can do for a SendMessage under uvicorn.

It parses the same JSON, takes one MD5, makes one id and answers. What pocketbus adds to it is the price of being SQS;
what it saves is uvicorn, ASGI's messages and a task for what needs no waiting.
"""

import hashlib
import json
from typing import Any
from uuid import uuid4


def answer(request: bytes) -> bytes:
    """Answer a request in JSON, with nothing of what pocketbus is made of."""
    body: str = json.loads(request)["MessageBody"]
    digest = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
    return json.dumps({"MD5OfMessageBody": digest, "MessageId": str(uuid4())}).encode()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = answer((await receive())["body"] or b'{"MessageBody": ""}')
    headers = [(b"content-type", b"application/x-amz-json-1.0"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
