"""Queues: create, find, list, configure, purge, delete."""

import re
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.paging import page_of
from pocketbus.apis.sqs.attributes import (
    differing_attribute,
    invalid_redrive_policy,
    read_settings,
    write_attributes,
)
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.urls import find_queue, queue_url
from pocketbus.emulator.errors import (
    InvalidParameterValueException,
    QueueDoesNotExist,
    QueueNameExists,
)
from pocketbus.emulator.queue import Queue
from pocketbus.emulator.queue_settings import QueueSettings

_STANDARD_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_FIFO_NAME = re.compile(r"(?=.{1,80}\Z)[A-Za-z0-9_-]+\.fifo\Z")
_PAGE = 1000


@sqs.operation
def create_queue(
    call: Call,
    *,
    queue_name: str,
    attributes: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    attributes = attributes or {}
    fifo = attributes.get("FifoQueue", "").lower() == "true"
    _check_name(queue_name, fifo=fifo)
    settings = read_settings(attributes, QueueSettings(fifo=fifo))
    queue = call.scope.queues.get(queue_name)
    if queue is None:
        _check_dead_letter_target(call, settings, call.scope.arn("sqs", queue_name))
        queue = call.scope.create_queue(queue_name, settings, tags or {}, call.now)
    elif attributes and (name := differing_attribute(read_settings(attributes, queue.settings), queue.settings)):
        raise QueueNameExists(
            f"A queue already exists with the same name and a different value for attribute {name}"
        )
    return {"QueueUrl": queue_url(call, queue)}


@sqs.operation
def get_queue_url(
    call: Call, *, queue_name: str, queue_owner_aws_account_id: str | None = None
) -> dict[str, Any]:
    scope = call.scope
    if queue_owner_aws_account_id:
        scope = call.engine.scope(queue_owner_aws_account_id, scope.region)
    queue = scope.queues.get(queue_name)
    if queue is None:
        raise QueueDoesNotExist
    return {"QueueUrl": queue_url(call, queue)}


@sqs.operation
def list_queues(
    call: Call,
    *,
    queue_name_prefix: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    names = sorted(name for name in call.scope.queues if name.startswith(queue_name_prefix or ""))
    return _page_of_urls(call, [call.scope.queues[name] for name in names], next_token, max_results)


def _page_of_urls(
    call: Call, queues: list[Queue], next_token: str | None, max_results: int | None
) -> dict[str, Any]:
    """Page through queues; without MaxResults AWS gives the first thousand and no token."""
    if max_results is not None and not 1 <= max_results <= _PAGE:
        raise InvalidParameterValueException(
            f"Value {max_results} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided."
        )
    page, token = page_of(queues, key=lambda queue: queue.name, token=next_token, limit=max_results or _PAGE)
    result: dict[str, Any] = {}
    if page:
        result["QueueUrls"] = [queue_url(call, queue) for queue in page]
    if token and max_results is not None:
        result["NextToken"] = token
    return result


@sqs.operation
def delete_queue(call: Call, *, queue_url: str) -> None:
    queue = find_queue(call, queue_url)
    call.engine.scope_of(queue.arn).delete_queue(queue)


@sqs.operation
def purge_queue(call: Call, *, queue_url: str) -> None:
    find_queue(call, queue_url).purge(call.now)


@sqs.operation
def get_queue_attributes(
    call: Call, *, queue_url: str, attribute_names: list[str] | None = None
) -> dict[str, Any]:
    queue = find_queue(call, queue_url)
    queue.advance(call.now)
    attributes = write_attributes(queue, attribute_names or [])
    return {"Attributes": attributes} if attributes else {}


@sqs.operation
def set_queue_attributes(call: Call, *, queue_url: str, attributes: dict[str, str]) -> None:
    queue = find_queue(call, queue_url)
    settings = read_settings(attributes, queue.settings)
    _check_dead_letter_target(call, settings, queue.arn)
    queue.configure(settings, call.now)


def _check_name(name: str, *, fifo: bool) -> None:
    if fifo and not _FIFO_NAME.match(name):
        raise InvalidParameterValueException(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
            "must end with .fifo suffix and be 1 to 80 in length."
        )
    if not fifo and not _STANDARD_NAME.match(name):
        raise InvalidParameterValueException(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )


def _check_dead_letter_target(call: Call, settings: QueueSettings, source: str) -> None:
    policy = settings.redrive_policy
    if policy is None:
        return
    target = call.engine.resources.get(policy.dead_letter_target)
    if not isinstance(target, Queue):
        raise invalid_redrive_policy(policy, "Dead letter target does not exist.")
    if target.settings.fifo != settings.fifo:
        raise invalid_redrive_policy(policy, "Dead-letter queue must be same type of queue as the source.")
    allow = target.settings.redrive_allow_policy
    if allow is not None and not allow.admits(source):
        raise invalid_redrive_policy(policy, f"The dead-letter queue's RedriveAllowPolicy does not admit {source}.")
