"""PublishBatch. What is wrong with one entry refuses the whole batch: an entry fails alone by a fault only."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from pocketbus.apis.call import Call, Result, after
from pocketbus.apis.service import failed_entry
from pocketbus.apis.sns.arns import find_topic
from pocketbus.apis.sns.publishing import read_publication, write_published
from pocketbus.apis.sns.service import sns
from pocketbus.emulator.deliveries.carrying import carry, carry_in_slices
from pocketbus.emulator.errors import (
    BatchEntryIdsNotDistinct,
    EmptyBatchRequest,
    EngineError,
    InvalidBatchEntryId,
    TooManyEntriesInBatchRequest,
)
from pocketbus.emulator.limits import PUBLISH_ENTRIES
from pocketbus.emulator.topics.publication import Publication

_ID = re.compile(r"[A-Za-z0-9_-]+")
_ID_LENGTH = 80


@sns.operation
def publish_batch(
    call: Call, *, topic_arn: str, publish_batch_request_entries: list[dict[str, Any]]
) -> Result:
    topic = find_topic(call, topic_arn)
    entries = publish_batch_request_entries
    _check_ids([entry["Id"] for entry in entries])
    publications = {entry["Id"]: _read_entry(call, entry) for entry in entries}
    failed = list(_failed(call, publications))
    for entry in failed:
        del publications[entry["Id"]]
    published = topic.publish_batch(list(publications.values()), call.now)
    deliveries = chain.from_iterable(one.deliveries for one in published)
    if topic.settings.fifo:  # not cut into slices, so that the order holds
        carry(deliveries, call.engine, call.now)
        rest = None
    else:
        rest = carry_in_slices(deliveries, call.engine, call.now)
    successful = [
        {"Id": entry_id, **write_published(one)}
        for entry_id, one in zip(publications, published, strict=True)
    ]
    return after(rest, lambda: {"Successful": successful, "Failed": failed})


def _failed(call: Call, entry_ids: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the entries that a fault keeps from being published."""
    for entry_id in entry_ids:
        try:
            call.check_entry()
        except EngineError as error:
            yield failed_entry(sns, entry_id, error)


def _check_ids(ids: list[str]) -> None:
    if not ids:
        raise EmptyBatchRequest("The batch request doesn't contain any entries.")
    if len(ids) > PUBLISH_ENTRIES:
        raise TooManyEntriesInBatchRequest
    if len(set(ids)) < len(ids):
        raise BatchEntryIdsNotDistinct
    for entry_id in ids:
        if len(entry_id) > _ID_LENGTH:
            raise InvalidBatchEntryId(f"The Id of a batch entry in the batch request is too long: {entry_id}")
        if not _ID.fullmatch(entry_id):
            raise InvalidBatchEntryId(
                f"The Id of a batch entry in the batch request contains an impermissible character: {entry_id}"
            )


def _read_entry(call: Call, entry: dict[str, Any]) -> Publication:
    return read_publication(
        entry["Message"],
        entry.get("Subject"),
        entry.get("MessageStructure"),
        entry.get("MessageAttributes"),
        entry.get("MessageGroupId"),
        entry.get("MessageDeduplicationId"),
        call.trace_header,
    )
