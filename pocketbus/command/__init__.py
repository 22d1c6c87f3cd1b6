"""The commands, one module each with a `main`; without a name, `pocketbus` serves."""

COMMANDS = {
    "lambda": "attach a program to a running server as a worker of a Lambda function",
    "demo": "show the three services at work",
    "export": "write the resources of a running server as a file for --init",
    "tail": "print what happens in a running server, as it happens",
}
