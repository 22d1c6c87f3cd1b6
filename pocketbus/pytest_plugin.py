"""The pytest plugin: one emulator a run with an account of its own for each test, and what happened when one fails.

Whoever has pytest loads it with every run: what it needs is imported when a fixture is first asked for.
"""

import itertools
import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pocketbus.account import Account
    from pocketbus.controls.controls import Controls
    from pocketbus.embedded import Emulator
    from pocketbus.emulator.engine import Engine

_MARKER = "pocketbus"
_SHOWN_RECORDS = 60
_FIRST_ACCOUNT = 100_000_000_000
_ACCOUNTS_A_WORKER = 1_000_000_000

_SHARED: pytest.StashKey["Emulator"] = pytest.StashKey()
_WATCHED: pytest.StashKey[list["Controls"]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "pocketbus_autouse",
        "whether AWS's clients reach pocketbus in every test, and as they are made by what is collected",
        type="bool",
        default=False,
    )

    group = parser.getgroup("pocketbus")
    group.addoption(
        "--pocketbus-journal",
        choices=("off", "on-failure"),
        default="off",
        help="on-failure: write what led to a failure, for `pocketbus replay`",
    )
    group.addoption(
        "--pocketbus-journals",
        metavar="DIR",
        default="pocketbus-journals",
        help="where the journals of failing tests go (pocketbus-journals)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(init): begin the test with the resources that a seed file names, relative to the test's own file",
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    """With pocketbus_autouse, lead every client of the run away from AWS, before any test module is imported."""
    if not session.config.getini("pocketbus_autouse"):
        return
    from pocketbus.embedded import Emulator  # noqa: PLC0415 - see above

    stack = ExitStack()
    session.config.add_cleanup(stack.close)
    emulator = stack.enter_context(Emulator(serve=True, data=stack.enter_context(_data(session.config))))
    stack.enter_context(emulator.environment())
    session.config.stash[_SHARED] = emulator


@pytest.fixture(scope="session")
def pocketbus_server(pytestconfig: pytest.Config) -> Iterator["Emulator"]:
    """One emulator for the whole run, serving HTTP on a free port; each worker of pytest-xdist has its own."""
    from pocketbus.embedded import Emulator  # noqa: PLC0415 - see above

    shared = pytestconfig.stash.get(_SHARED, None)
    with ExitStack() as stack:
        data = stack.enter_context(_data(pytestconfig))
        yield shared or stack.enter_context(Emulator(serve=True, data=data))


@pytest.fixture(autouse=True)
def _pocketbus_autouse(request: pytest.FixtureRequest) -> None:
    if request.config.getini("pocketbus_autouse") or request.node.get_closest_marker(_MARKER):
        request.getfixturevalue("pocketbus_environment")


@pytest.fixture(scope="session")
def _pocketbus_accounts() -> Iterator[int]:
    """Numbers of 12 digits: workers of pytest-xdist count apart from one another, as their servers are apart."""
    worker = re.sub("[^0-9]", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or "0"
    return itertools.count(_FIRST_ACCOUNT + int(worker) * _ACCOUNTS_A_WORKER)


@pytest.fixture
def pocketbus(
    pocketbus_server: "Emulator", _pocketbus_accounts: Iterator[int], request: pytest.FixtureRequest
) -> Iterator["Account"]:
    """An account that no other test uses; nothing of it is left afterwards, and the clock is the system's again."""
    account = pocketbus_server.in_account(str(next(_pocketbus_accounts)))
    _watch(request, account)
    for marker in request.node.iter_markers(_MARKER):
        account.seed(request.path.parent / marker.kwargs["init"])
    yield account
    account.reset()
    account.clear_faults()
    for name in account.snapshots():
        account.delete_snapshot(name)
    account.follow_the_system()


@pytest.fixture
def pocketbus_in_process(request: pytest.FixtureRequest) -> Iterator["Emulator"]:
    """An emulator for this test alone, whose clients need no socket."""
    from pocketbus.embedded import Emulator  # noqa: PLC0415 - see above

    with _data(request.config) as data, Emulator(data=data) as emulator:
        _watch(request, emulator)
        yield emulator


@pytest.fixture
def pocketbus_environment(pocketbus: "Account") -> Iterator[dict[str, str]]:
    """The variables of the environment, set for this test, by which clients that the code makes reach its account."""
    with pocketbus.environment():
        yield pocketbus.variables()


@pytest.fixture
def pocketbus_clock(pocketbus: "Account") -> "Account":
    """The test's account, its clock frozen: it moves when the test moves it."""
    pocketbus.freeze()
    return pocketbus


@pytest.fixture
def expect_message(pocketbus: "Account") -> Callable[..., dict[str, Any]]:
    """Wait for a message of a queue and return it, without receiving it; or fail, and say what there was instead."""
    return pocketbus.expect_message


@pytest.fixture
def expect_no_message(pocketbus: "Account") -> Callable[..., None]:
    """Fail if a queue holds a message, or gets one within a moment."""
    return pocketbus.expect_no_message


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failing test what happened in its account."""
    report = yield
    if report.failed:
        watched: list[Controls] = item.stash.get(_WATCHED, [])
        report.sections += [("pocketbus trace", text) for text in map(_story, watched) if text]
        if item.config.getoption("pocketbus_journal") != "off":
            report.sections += [("pocketbus journal", text) for text in _journals(item, watched)]
    return report


@contextmanager
def _data(config: pytest.Config) -> Iterator[str | None]:
    """Make a folder for a journal, if one is asked for."""
    if config.getoption("pocketbus_journal") == "off":
        yield None
    else:
        with TemporaryDirectory(prefix="pocketbus-") as folder:
            yield folder


def _journals(item: pytest.Item, watched: list["Controls"]) -> Iterator[str]:
    """Write what was kept up to now, and say how it is replayed."""
    folder = item.config.rootpath / item.config.getoption("pocketbus_journals")
    name = re.sub(r"[^\w.-]+", "_", item.nodeid)
    for number, controls in enumerate(watched):
        path = folder / (f"{name}-{number}" if number else name)
        try:
            kept = controls.call(partial(_copied, path))
        except (RuntimeError, TimeoutError):
            continue  # as in _story
        if kept:
            yield f"pocketbus replay {kept} --account {controls.account}"


def _watch(request: pytest.FixtureRequest, controls: "Controls") -> None:
    request.node.stash.setdefault(_WATCHED, []).append(controls)


def _story(controls: "Controls") -> str:
    from pocketbus.lines import line_of  # noqa: PLC0415 - see above

    try:
        records = controls.trace()
    except (RuntimeError, TimeoutError):
        return ""  # the failure is of the fixture's own end: the emulator has ended before it, or does not answer
    left_out = len(records) - _SHOWN_RECORDS
    lines = [f"... {left_out} earlier records ..."] if left_out > 0 else []
    return "\n".join(lines + [line_of(record._asdict()) for record in records[-_SHOWN_RECORDS:]])


def _copied(path: Path, engine: "Engine") -> Path | None:
    """Copy the journal of an engine, and return where it is."""
    from pocketbus.journal.journal import Journal  # noqa: PLC0415 - see above

    journal = engine.door.journal
    return journal.copy_to(path) if isinstance(journal, Journal) else None
