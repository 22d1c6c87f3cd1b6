"""The table of commands: its help, its examples, the address it finds the server at, completion."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pocketbus import Emulator
from pocketbus.__main__ import main
from pocketbus.command.commands import COMMANDS, overview
from pocketbus.command.remote import url_of
from tests.children import start as start_child
from tests.pocketbus.command.conftest import Run

ASKING = [name for name, command in COMMANDS.items() if command.asks and name != "tail"]


def shell(line: str, url: str, program: str = "bash") -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [program, "-c", line],
        env={"PATH": path, "POCKETBUS_URL": url, "HOME": "/"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_the_help_fits_a_screen_and_names_every_command() -> None:
    lines = overview().splitlines()

    assert len(lines) <= 23  # the prompt needs one
    assert max(map(len, lines)) <= 80
    assert {line[2:12].strip() for line in lines} | {line[42:52].strip() for line in lines} > COMMANDS.keys()


@pytest.mark.parametrize("name", ["--help", "-h"])
def test_help_is_asked_for_as_usual(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name]) == 0
    assert capsys.readouterr().out == f"{overview()}\n"


def test_a_command_that_is_none_is_wrong_usage_and_told_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["quees"]) == 2
    assert capsys.readouterr().err == "pocketbus: there is no command quees; did you mean queues?\n"


def test_a_command_behind_options_is_told_where_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "1", "queues"]) == 2
    assert capsys.readouterr().err == (
        "pocketbus: queues stands behind options; a command comes first: pocketbus COMMAND [OPTIONS]\n"
    )


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("line", ["-h", "queues --help", "serve --help"])
def test_who_has_read_enough_of_the_help_is_told_nothing(line: str, buffered: bool) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = subprocess.run(
            [sys.executable, *(() if buffered else ("-u",)), "-m", "pocketbus", *line.split()],
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(theirs)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(run: Run, name: str) -> None:
    done = run(f"pocketbus {name} --help")

    assert done.status == 0
    assert done.out.startswith(f"usage: pocketbus {name} ")
    if COMMANDS[name].example:
        assert f"example:\n  {COMMANDS[name].example}\n" in done.out


@pytest.mark.parametrize("name", ASKING)
def test_the_example_in_a_commands_help_works(
    name: str, emulator: Emulator, send: Callable[[str], str]
) -> None:
    send("photo 6")

    done = shell(COMMANDS[name].example, emulator.url)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def tailed(line: str, url: str) -> tuple[str, str]:
    """Return the first line of a tail that goes on, and what it says of itself."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "POCKETBUS_URL": url}
    pipe = subprocess.PIPE
    with start_child(shlex.split(line), env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.terminate()
        _, said = process.communicate(timeout=20)
    return first, said


def test_the_example_in_the_help_of_tail_works(emulator: Emulator, send: Callable[[str], str]) -> None:
    message_id = send("photo 6")

    first, said = tailed(COMMANDS["tail"].example, emulator.url)

    assert first.split()[1:] == ["sent", "jobs", message_id]
    assert said.splitlines()[0] == f"pocketbus tail: watching {emulator.url}, resource jobs, verb sent"


PAGE = (Path(__file__).parents[3] / "docs" / "COMMANDS.md").read_text(encoding="utf-8")


def test_the_page_has_every_command() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)

    assert {name.split()[0] for row in rows for name in re.findall("`(.*?)`", row)} == COMMANDS.keys()


@pytest.mark.parametrize("lines", re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_the_examples_of_the_page_work(lines: str, emulator: Emulator) -> None:
    done = shell(f"set -e\n{lines}", emulator.url)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_address_is_the_options_else_the_environments_else_the_usual_one() -> None:
    both = {"POCKETBUS_URL": "http://one", "AWS_ENDPOINT_URL": "http://two"}

    assert url_of("http://zero", both) == "http://zero"
    assert url_of(None, both) == "http://one"
    assert url_of(None, {"POCKETBUS_URL": "", "AWS_ENDPOINT_URL": "http://two"}) == "http://two"
    assert url_of(None, {}) == "http://localhost:4566"


@pytest.mark.parametrize(
    ("words", "current", "completions"),
    [
        (["pocketbus", "pe"], 1, ["peek"]),
        (["pocketbus", "peek", "jobs", "--st"], 3, ["--state"]),
        (["pocketbus", "clock", "a"], 2, ["advance"]),
        (["pocketbus", "serve", "--sm"], 2, ["--sms-sandbox", "--smtp"]),
    ],
)
def test_bash_completes_commands_options_and_words(
    words: list[str], current: int, completions: list[str]
) -> None:
    typed = " ".join(words)
    line = (
        'eval "$(pocketbus completion bash)"; '
        f'COMP_WORDS=({typed}); COMP_CWORD={current}; _pocketbus; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )

    assert sorted(shell(line, "").stdout.split()) == completions


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_the_other_shells_take_theirs(run: Run, name: str) -> None:
    done = run(f"pocketbus completion {name}")

    assert done.status == 0
    for command in COMMANDS:
        assert command in done.out
    assert done.out.count("'") % 2 == 0
    if shutil.which(name):
        assert shell(done.out, "", name).stderr == ""


def test_a_worker_finds_the_server_as_other_commands_do(
    run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POCKETBUS_URL", emulator.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    assert main(["lambda", "run", "orders", "--", sys.executable, "-c", "pass"]) == 0


def test_a_worker_without_a_server_is_told_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lambda", "run", "orders", "--url", "http://127.0.0.1:1", "--", "true"]) == 1
    assert capsys.readouterr().err.endswith(
        "start one with `pocketbus`, or name another with --url or POCKETBUS_URL\n"
    )
