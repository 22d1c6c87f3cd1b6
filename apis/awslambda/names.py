"""The ways to name a function: by name, partial ARN or ARN, each perhaps with a version or an alias."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from pocketbus.apis.call import Call
from pocketbus.apis.paging import Behind, InvalidToken, page_of
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.errors import InvalidParameterValueException, ResourceNotFoundException
from pocketbus.emulator.functions.deployed import DeployedFunction
from pocketbus.emulator.functions.invocation import LATEST

T = TypeVar("T")

_NAME = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:)?(?:(?P<region>[a-z]{2,}(?:-[a-z]+)+-\d):)?(?:(?P<account>\d{12}):)?"
    r"(?:function:)?(?P<name>[A-Za-z0-9_.-]+)(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)
_PAGE = 50


class Named(NamedTuple):
    """What a request calls a function: its ARN without a version, its name, its version or alias if it says one."""

    arn: str
    name: str
    qualifier: str | None

    @property
    def qualified_arn(self) -> str:
        return self.arn if self.qualifier is None else f"{self.arn}:{self.qualifier}"


def named(call: Call, text: str, qualifier: str | None = None) -> Named:
    """Read a name, and the qualifier that came beside it. Raise InvalidParameterValueException."""
    found = _NAME.fullmatch(text)
    if found is None:
        raise InvalidParameterValueException(f"{text} is no name of a function.")
    own = found["qualifier"]
    if own is not None and qualifier is not None and own != qualifier:
        raise InvalidParameterValueException(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    region, account = found["region"] or call.scope.region, found["account"] or call.scope.account
    arn = Arn.of("lambda", region, account, f"function:{found['name']}")
    return Named(str(arn), found["name"], own or qualifier)


def find_function(call: Call, text: str, qualifier: str | None = None) -> tuple[DeployedFunction, Named]:
    """Return a function that was created, with how it was named. Raise ResourceNotFoundException."""
    name = named(call, text, qualifier)
    function = call.engine.functions.deployed(name.arn)
    if function is None or (name.qualifier is not None and not function.has(name.qualifier)):
        raise ResourceNotFoundException(f"Function not found: {name.qualified_arn}")
    return function, name


def version_meant(function: DeployedFunction, qualifier: str | None) -> str:
    """Return the version that a qualifier stands for; of an alias, the one that it is chiefly for."""
    alias = function.aliases.get(qualifier or "")
    return alias.version if alias is not None else qualifier or LATEST


def page(
    behind: Behind[T], key: Callable[[T], str], marker: str | None, most: int | None, longest: int = _PAGE
) -> tuple[Sequence[T], str | None]:
    """Return a page of the items, which are gone through in the order of their keys, and the marker of the next one."""
    limit = min(most or longest, longest)
    try:
        return page_of(behind, key=key, token=marker, limit=limit)
    except InvalidToken:
        raise InvalidParameterValueException("Invalid marker value") from None
