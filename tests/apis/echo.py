"""Services with the real models whose operations do what a test says, for what concerns the wire alone."""

import inspect
from collections.abc import Callable
from typing import Any

from pocketbus.apis.call import Call
from pocketbus.apis.service import Service, snake_case

Answering = Callable[[Call, dict[str, Any]], Any]


def echo_service(name: str, answer: Answering) -> Service:
    """Return a service all of whose operations give `answer` the call and the input by keyword."""
    service = Service(name)
    for operation in service.model.operations.values():
        members = [(snake_case(member.name), member.required) for member in operation.input.members]
        service.operation(_function(snake_case(operation.name), members, answer))
    return service


def _function(name: str, members: list[tuple[str, bool]], answer: Answering) -> Callable[..., Any]:
    def function(call: Call, **arguments: Any) -> Any:
        return answer(call, arguments)

    kinds = inspect.Parameter
    keywords = [
        kinds(member, kinds.KEYWORD_ONLY, default=kinds.empty if required else None)
        for member, required in members
    ]
    function.__name__ = name
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [kinds("call", kinds.POSITIONAL_OR_KEYWORD), *keywords]
    )
    return function
