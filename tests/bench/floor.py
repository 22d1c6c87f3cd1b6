"""The floor: the least an ASGI app can do for a SendMessage under uvicorn.

It parses the same JSON, takes one MD5, makes one id and answers. What pocketbus adds to it is the price of being SQS;
what it saves is uvicorn, ASGI's messages and a task for what needs no waiting.
"""

import hashlib
import json
from typing import Any

from pocketbus.emulator.ids import Ids


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    request = json.loads((await receive())["body"] or b'{"MessageBody": ""}')
    digest = hashlib.md5(request["MessageBody"].encode(), usedforsecurity=False).hexdigest()
    body = json.dumps({"MD5OfMessageBody": digest, "MessageId": IDS.uuid()}).encode()
    headers = [(b"content-type", b"application/x-amz-json-1.0"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


IDS = Ids()
