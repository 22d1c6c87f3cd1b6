"""The commands, one module each with a `main`; without a name, `pocketbus` serves."""

COMMANDS = {
    "demo": "show the three services at work",
    "export": "write the resources of a running server as a file for --init",
    "tail": "print what happens in a running server, as it happens",
}
