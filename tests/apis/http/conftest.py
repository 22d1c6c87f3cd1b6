"""An engine whose clock stands still, and the site of its connections."""

import pytest

from pocketbus.apis.app import create_app
from pocketbus.apis.http.site import Site
from pocketbus.emulator.engine import Engine


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.clock.freeze()
    return engine


@pytest.fixture
def site(engine: Engine) -> Site:
    return Site(create_app(engine), lambda: 1_767_261_600.0)
