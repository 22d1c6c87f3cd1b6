"""Message move tasks: dead letters back to where they came from, or elsewhere."""

import binascii
import json
from base64 import b64decode, b64encode
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.service import code_of
from pocketbus.apis.settling import settled
from pocketbus.apis.sqs.parameters import check_between
from pocketbus.apis.sqs.service import sqs
from pocketbus.emulator.errors import InvalidParameterValueException, ResourceNotFoundException
from pocketbus.emulator.limits import MOVE_TASKS_KEPT, MOVES_PER_SECOND
from pocketbus.emulator.queues.queue import Queue
from pocketbus.emulator.queues.redrive import MoveStatus, MoveTask, sources_of
from pocketbus.rules.json_text import load


@sqs.operation
def start_message_move_task(
    call: Call,
    *,
    source_arn: str,
    destination_arn: str | None = None,
    max_number_of_messages_per_second: int | None = None,
) -> dict[str, Any]:
    source = _find(call, "SourceArn", source_arn)
    if not sources_of(source, call.engine):
        raise InvalidParameterValueException("Source queue must be configured as a Dead Letter Queue.")
    destination = None if destination_arn is None else _find(call, "DestinationArn", destination_arn)
    _check_destination(source, destination)
    rate = max_number_of_messages_per_second
    check_between("MaxNumberOfMessagesPerSecond", rate, 1, MOVES_PER_SECOND)
    return {"TaskHandle": _write_handle(call.scope.sqs.start_move(source, destination, rate, call.now))}


@sqs.operation
def list_message_move_tasks(call: Call, *, source_arn: str, max_results: int | None = None) -> dict[str, Any]:
    source = _find(call, "SourceArn", source_arn)
    check_between("MaxResults", max_results, 1, MOVE_TASKS_KEPT)
    results = [_write_task(task) for task in _tasks(call, source)[: max_results or 1]]
    return {"Results": results} if results else {}


@sqs.operation
def cancel_message_move_task(call: Call, *, task_handle: str) -> dict[str, Any]:
    task_id, source_arn = _read_handle(task_handle)
    source = _find(call, "SourceArn", source_arn)
    task = next((task for task in _tasks(call, source) if task.task_id == task_id), None)
    if task is None:
        raise ResourceNotFoundException("Task does not exist.")
    if task.status is not MoveStatus.RUNNING:
        raise InvalidParameterValueException("Only active tasks can be cancelled.")
    task.cancel()
    return {"ApproximateNumberOfMessagesMoved": task.moved}


def _find(call: Call, parameter: str, arn: str) -> Queue:
    """Find a queue of the caller's own account and region: these operations reach no others."""
    queue = call.scope.sqs.queues.get(arn.rpartition(":")[2])
    if queue is None or queue.arn != arn:
        raise ResourceNotFoundException(
            f"The resource that you specified for the {parameter} parameter doesn't exist."
        )
    return settled(queue, call)


def _tasks(call: Call, source: Queue) -> list[MoveTask]:
    return list(call.scope.sqs.move_tasks.get(source.name, ()))


def _check_destination(source: Queue, destination: Queue | None) -> None:
    if destination is source:
        raise InvalidParameterValueException("Source and destination must be different queues.")
    if destination is not None and destination.settings.fifo != source.settings.fifo:
        raise InvalidParameterValueException("Source and destination must be of the same type of queue.")


def _write_handle(task: MoveTask) -> str:
    document = {"taskId": task.task_id, "sourceArn": task.source.arn}
    return b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def _read_handle(handle: str) -> tuple[str, str]:
    try:
        document = load(b64decode(handle, validate=True).decode())
        return str(document["taskId"]), str(document["sourceArn"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise InvalidParameterValueException("Value for parameter TaskHandle is invalid.") from error


def _write_task(task: MoveTask) -> dict[str, Any]:
    written = {
        "TaskHandle": _write_handle(task) if task.status is MoveStatus.RUNNING else None,
        "Status": task.status.value,
        "SourceArn": task.source.arn,
        "DestinationArn": task.destination,
        "MaxNumberOfMessagesPerSecond": task.per_second,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "FailureReason": None if task.failure is None else code_of(sqs, task.failure)[0],
        "StartedTimestamp": round(task.started_at * 1000),
    }
    return {name: value for name, value in written.items() if value is not None}
