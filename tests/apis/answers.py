"""Whole answers as they leave: status, headers and body of each operation's first success, what is made up left out."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

_MADE_UP = (
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<id>"),
    (r"(?<=<id>-)[0-9a-f]{6}\b", "<suffix>"),
    (r"\b[0-9a-f]{10}\.[0-9a-f]{3}\b", "<endpoint id>"),
    (r"\b[0-9a-f]{240}\b", "<token>"),
)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str
    length: int


class Recorder:
    """Performs operations of one client, by its methods' names; a refusal is answered with {}.

    Answers that are streams are not kept.
    """

    def __init__(self, client: Any) -> None:
        self.answers: dict[str, Answer] = {}
        self._client = client
        client.meta.events.register(
            f"before-parse.{client.meta.service_model.service_id.hyphenize()}", self._keep
        )

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        perform: Callable[..., dict[str, Any]] = getattr(self._client, method)
        try:
            return perform(**params)
        except ClientError:
            return {}

    def _keep(self, operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
        if response_dict["status_code"] >= 300 or operation_model.has_streaming_output:
            return
        headers = {name.lower(): comparable(value) for name, value in response_dict["headers"].items()}
        body = response_dict["body"]
        answer = Answer(response_dict["status_code"], headers, comparable(body.decode()), len(body))
        self.answers.setdefault(operation_model.name, answer)


def comparable(text: str) -> str:
    for pattern, word in _MADE_UP:
        text = re.sub(pattern, word, text)
    return text
