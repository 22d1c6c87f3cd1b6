"""Every operation of STS once as it is meant."""

from collections.abc import Callable
from typing import Any

from pocketbus import Emulator


def everything(call: Callable[..., dict[str, Any]], _emulator: Emulator) -> None:
    call("get_caller_identity")
