"""Methods that do not keep their object alive: for what an object has and what calls it back."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar
from weakref import WeakMethod

P = ParamSpec("P")
T = TypeVar("T")


def weakly(method: Callable[P, T]) -> Callable[P, T | None]:
    """Return what calls a method for as long as its object exists, so that the two need no garbage collector."""
    reference = WeakMethod(method)

    def call(*args: P.args, **kwargs: P.kwargs) -> T | None:
        alive = reference()
        return None if alive is None else alive(*args, **kwargs)

    return call
