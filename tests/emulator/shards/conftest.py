import pytest

from tests.emulator.shards.sides import Sides


@pytest.fixture
async def sides() -> Sides:
    return Sides()
