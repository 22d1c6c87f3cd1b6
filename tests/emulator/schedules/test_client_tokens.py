"""Client tokens: what is kept of calls, and for how long."""

import pytest

from pocketbus.emulator.errors import ConflictException
from pocketbus.emulator.schedules.client_tokens import KEPT_SECONDS, ClientTokens


def test_a_token_stands_for_one_request() -> None:
    tokens = ClientTokens()
    tokens.remember("t", "request", "answer", 0)

    assert tokens.answer("t", "request", 1) == "answer"
    assert tokens.answer("u", "request", 1) is None
    with pytest.raises(ConflictException):
        tokens.answer("t", "another", 1)


def test_a_token_is_free_again_after_its_time() -> None:
    tokens = ClientTokens()
    tokens.remember("t", "request", "answer", 0)

    assert tokens.answer("t", "another", KEPT_SECONDS) is None


def test_only_the_latest_ten_thousand_tokens_are_kept() -> None:
    tokens = ClientTokens()
    for number in range(10_001):
        tokens.remember(str(number), "request", "answer", 0)

    assert tokens.answer("0", "another", 1) is None
    assert tokens.answer("1", "request", 1) == "answer"
