"""Queues: create, find, list, configure, purge, delete."""

import re
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.missing import missing
from pocketbus.apis.paging import Behind, InvalidToken, named, page_of, sorted_by
from pocketbus.apis.sqs.attributes import differing_attribute, read_settings, write_attributes
from pocketbus.apis.sqs.parameters import check_between, invalid
from pocketbus.apis.sqs.redrive_policies import invalid_redrive_policy
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sqs.tags import check_tags
from pocketbus.apis.sqs.urls import find_queue
from pocketbus.apis.sqs.urls import queue_url as url_of
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import (
    InvalidParameterValueException,
    QueueDoesNotExist,
    QueueNameExists,
)
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.queue_settings import QueueSettings
from pocketbus.emulator.queues.redrive import sources_of
from pocketbus.emulator.scope import Scope

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
    queue = call.scope.sqs.queues.get(queue_name)
    if queue is None:
        tags = tags or {}
        check_tags(tags, queue_name, count=len(tags))
        _check_dead_letter_target(call, settings, call.scope.sqs.arn(queue_name))
        queue = call.scope.sqs.create_queue(queue_name, settings, tags, call.now)
    elif attributes and (
        name := differing_attribute(read_settings(attributes, queue.settings), queue.settings)
    ):
        raise QueueNameExists(
            f"A queue already exists with the same name and a different value for attribute {name}"
        )
    return {"QueueUrl": url_of(call, queue)}


@sqs.operation
def get_queue_url(
    call: Call, *, queue_name: str, queue_owner_aws_account_id: str | None = None
) -> dict[str, Any]:
    scope: Scope | None = call.scope
    if queue_owner_aws_account_id:
        scope = call.engine.existing(queue_owner_aws_account_id, call.scope.region)
    queue = scope.sqs.queues.get(queue_name) if scope is not None else None
    if queue is None:
        account = queue_owner_aws_account_id or call.scope.account
        arn = Arn.of("sqs", call.scope.region, account, queue_name)
        raise missing(call, QueueDoesNotExist(), str(arn))
    return {"QueueUrl": url_of(call, queue)}


@sqs.operation
def list_queues(
    call: Call,
    *,
    queue_name_prefix: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    queues = named(call.scope.sqs.queues, queue_name_prefix)
    urls, following = _page_of_urls(call, queues, next_token, max_results)
    return ({"QueueUrls": urls} if urls else {}) | following


@sqs.operation
def list_dead_letter_source_queues(
    call: Call, *, queue_url: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    sources = sorted_by(_name, sources_of(find_queue(call, queue_url), call.engine))
    urls, following = _page_of_urls(call, sources, next_token, max_results)
    return {"queueUrls": urls} | following


def _page_of_urls(
    call: Call, behind: Behind[Queue], token: str | None, max_results: int | None
) -> tuple[list[str], dict[str, str]]:
    """Return the URLs of a page and the NextToken; without MaxResults AWS gives the first thousand and no token."""
    check_between("MaxResults", max_results, 1, _PAGE)
    try:
        page, following = page_of(behind, key=_name, token=token, limit=max_results or _PAGE)
    except InvalidToken:
        raise invalid("NextToken", token, "Invalid token.") from None
    urls = [url_of(call, queue) for queue in page]
    return urls, {"NextToken": following} if following and max_results is not None else {}


def _name(queue: Queue) -> str:
    return queue.name


@sqs.operation
def delete_queue(call: Call, *, queue_url: str) -> None:
    queue = find_queue(call, queue_url)
    call.engine.scope_of(queue.arn).sqs.delete_queue(queue, call.now)


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
    if "RedrivePolicy" in attributes:
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
    if source.split(":")[:5] != policy.dead_letter_target.split(":")[:5]:
        raise invalid_redrive_policy(policy, "Dead letter target owner should be same as the source.")
    if not isinstance(target, Queue):
        raise invalid_redrive_policy(policy, "Dead letter target does not exist.")
    if target.settings.fifo != settings.fifo:
        raise invalid_redrive_policy(policy, "Dead-letter queue must be same type of queue as the source.")
    allow = target.settings.redrive_allow_policy
    if allow is not None and not allow.admits(source):
        raise invalid_redrive_policy(
            policy, f"The dead-letter queue's RedriveAllowPolicy does not admit {source}."
        )
