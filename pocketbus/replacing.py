"""An emulator in the place of AWS for a test, a class of tests or a block: for code that makes its own clients."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast, overload
from unittest import TestCase

from pocketbus.embedded import Emulator

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_MOTO_ACCOUNT = "123456789012"
"""The account that tests written for moto name in their ARNs."""
_OUTER: ContextVar[Emulator | None] = ContextVar("outer", default=None)
"""The emulator of the block around, which one within it is part of."""


@contextmanager
def replaced(**settings: Any) -> Generator[Emulator]:
    """Lead AWS's clients to an emulator, by the environment, until the end of the block; one within shares it."""
    outer = _OUTER.get()
    if outer is not None:
        yield outer
        return
    with Emulator(serve=True, **settings) as emulator, emulator.environment():
        _OUTER.set(emulator)
        try:
            yield emulator
        finally:
            _OUTER.set(None)


class Replacement:
    """A decorator of functions and classes, and a context manager."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = {"account": _MOTO_ACCOUNT, **settings}
        self._stack = ExitStack()

    def start(self) -> Emulator:
        return self._stack.enter_context(replaced(**self._settings))

    def stop(self) -> None:
        self._stack.close()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __call__(self, decorated: Decorated) -> Decorated:
        if inspect.isclass(decorated):
            self._decorate_class(decorated)
            return decorated
        return cast(Decorated, self._around(decorated))

    def _decorate_class(self, decorated: Any) -> None:
        """Let each test have its emulator, with what the class sets up for it."""
        if issubclass(decorated, TestCase):
            decorated.run = self._around(decorated.run)
            return
        set_up, tear_down = (getattr(decorated, f"{name}_method", None) for name in ("setup", "teardown"))

        def setup_method(test: Any, method: Any) -> None:
            self.start()
            try:
                _call(set_up, test, method)
            except BaseException:
                self.stop()
                raise

        def teardown_method(test: Any, method: Any) -> None:
            try:
                _call(tear_down, test, method)
            finally:
                self.stop()

        decorated.setup_method, decorated.teardown_method = setup_method, teardown_method

    def _around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if asyncio.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaiting(*arguments: Any, **keywords: Any) -> Any:
                with replaced(**self._settings):
                    return await function(*arguments, **keywords)

            return awaiting

        @functools.wraps(function)
        def calling(*arguments: Any, **keywords: Any) -> Any:
            with replaced(**self._settings):
                return function(*arguments, **keywords)

        return calling


def _call(function: Callable[..., Any] | None, test: Any, method: Any) -> None:
    """Call what a class sets up or tears down, which may want to know the method."""
    if function is not None:
        function(*(test, method)[: len(inspect.signature(function).parameters)])


@overload
def mock_aws(decorated: Decorated) -> Decorated: ...


@overload
def mock_aws(**settings: Any) -> Replacement: ...


def mock_aws(decorated: Any = None, **settings: Any) -> Any:
    """Replace AWS by an emulator: `@mock_aws` on a test or a class of tests, `with mock_aws() as emulator:` around a
    block, `start()` and `stop()` around anything. Settings are those of Emulator; the account is moto's.
    """
    replacement = Replacement(settings)
    return replacement if decorated is None else replacement(decorated)


class EmulatorMixin(TestCase):
    """For unittest: every test of the class has an emulator in the place of AWS, as `self.emulator`."""

    emulator: Emulator

    def run(self, result: Any = None) -> Any:
        """Run the test, with what is set up before it and torn down after it."""
        with replaced() as self.emulator:
            return super().run(result)
