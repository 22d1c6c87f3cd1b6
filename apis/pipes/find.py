"""Finds the pipe that a request names, and the errors that name one."""

from pocketbus.apis.call import Call
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import ConflictException, NotFoundException
from pocketbus.emulator.pipes.pipe import Pipe


def conflict(name: str, message: str) -> ConflictException:
    error = ConflictException(message)
    error.details = {"resourceId": name, "resourceType": "Pipe"}
    return error


def find_pipe(call: Call, name: str) -> Pipe:
    pipe = call.scope.pipes.pipes_at(call.now).get(name)
    if pipe is None:
        raise NotFoundException(f"Pipe {name} does not exist.")
    return pipe


def find_pipe_by_arn(call: Call, text: str) -> Pipe:
    """Find a pipe of the caller's by its ARN, which the model's pattern has checked."""
    arn = Arn.parse(text)
    name = text.rpartition("/")[2]
    if arn is None or (arn.service, arn.account, arn.region) != (
        "pipes",
        call.scope.account,
        call.scope.region,
    ):
        raise NotFoundException(f"Pipe {name} does not exist.")
    return find_pipe(call, name)
