"""`pocketbus completion`: what makes a shell complete commands and options, written from their table."""

from collections.abc import Callable, Mapping, Sequence

from pocketbus.command.command import PROGRAM, Argument, Command
from pocketbus.command.commands import COMMANDS, WHERE
from pocketbus.command.options import OPTIONS


def main(arguments: Sequence[str]) -> int:
    options = COMMANDS["completion"].parser().parse_args(arguments)
    print(_SHELLS[options.shell](COMMANDS.values()), end="")
    return 0


def _arguments(command: Command) -> list[Argument]:
    if command.name == "serve":
        return [Argument(option.option, option.meaning) for option in OPTIONS]
    return [*command.arguments, *(WHERE if command.asks else ())]


def _words(command: Command) -> list[str]:
    """Return what may follow a command: its options, and the words that its arguments can be."""
    options = [argument.name for argument in _arguments(command) if argument.name.startswith("-")]
    return [word for argument in _arguments(command) for word in argument.choices] + options + ["--help"]


def _bash(commands: "Sequence[Command]") -> str:
    cases = "".join(f"    {command.name}) words='{' '.join(_words(command))}' ;;\n" for command in commands)
    names = " ".join(command.name for command in commands)
    return (
        f"_{PROGRAM}() {{\n"
        f"  local words='{names} --help --version'\n"
        '  [ "$COMP_CWORD" -gt 1 ] && case "${COMP_WORDS[1]}" in\n'
        f"{cases}"
        "  esac\n"
        '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))\n'
        "}\n"
        f"complete -o default -F _{PROGRAM} {PROGRAM}\n"
    )


def _zsh(commands: "Sequence[Command]") -> str:
    names = " ".join(_quoted(f"{command.name}:{command.meaning}") for command in commands)
    cases = "".join(
        f"    {command.name}) compadd -- {' '.join(_words(command))} ;;\n" for command in commands
    )
    return (
        f"#compdef {PROGRAM}\n"
        f"_{PROGRAM}() {{\n"
        f"  local -a names=({names})\n"
        "  if (( CURRENT == 2 )); then _describe command names; return; fi\n"
        '  case "$words[2]" in\n'
        f"{cases}"
        "  esac\n"
        "  _files\n"
        "}\n"
        f"compdef _{PROGRAM} {PROGRAM}\n"
    )


def _fish(commands: "Sequence[Command]") -> str:
    lines = []
    for command in commands:
        lines.append(f"-n __fish_use_subcommand -f -a {command.name} -d {_quoted(command.meaning)}")
        seen = f"-n {_quoted(f'__fish_seen_subcommand_from {command.name}')}"
        for argument in _arguments(command):
            if argument.name.startswith("-"):
                takes = "" if argument.flag else " -r"
                lines.append(f"{seen} -l {argument.name[2:]}{takes} -d {_quoted(argument.meaning)}")
            if argument.choices:
                lines.append(f"{seen} -a {_quoted(' '.join(argument.choices))}")
    return "".join(f"complete -c {PROGRAM} {line}\n" for line in lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "'\\''")
    return f"'{escaped}'"


_SHELLS: Mapping[str, Callable[..., str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
