"""JSON text in and out: how deep it may nest is the same for everybody."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from pocketbus.rules import json_text


def frames_deeper(frames: int, work: Callable[[], Any]) -> Any:
    return frames_deeper(frames - 1, work) if frames else work()


@pytest.mark.parametrize("frames", [0, 300])
def test_how_deep_json_may_nest_does_not_depend_on_the_stack(frames: int) -> None:
    deepest = "[" * 550 + "]" * 550
    read: list[Callable[[str], Any]] = [
        json_text.read,
        json_text.decode,
        lambda text: json_text.decode_prefix(text, 0),
    ]
    for one in read:
        frames_deeper(frames, partial(one, deepest))
        with pytest.raises(ValueError, match="nested too deeply"):
            frames_deeper(frames, partial(one, f"[{deepest}]"))
