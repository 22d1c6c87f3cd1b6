"""The table of commands: what `pocketbus --help`, each command's own help and shell completion are made of."""

from pocketbus.command.command import PROGRAM, Argument, Command

WHERE = (
    Argument("--url", "where the server is (or POCKETBUS_URL, AWS_ENDPOINT_URL; http://localhost:4566)"),
    Argument("--account", "whose it is, if not the server's own account"),
    Argument("--region", "where it is, if not in the server's own region"),
    Argument("--json", "print JSON, for scripts", flag=True),
)
"""What every command has that asks a running server."""

_QUEUE = Argument("queue", "its name, ARN or URL")
_BODY = Argument("body", "the text; left out or -, what comes on standard input", optional=True)
_GROUP = Argument("--group", "message group, as FIFO requires")
_DEDUPLICATION = Argument("--deduplication-id", "what makes a FIFO message unique for five minutes")
_ATTRIBUTE = Argument("--attribute", "message attribute as NAME=TEXT; may be repeated", repeated=True)
_KEPT = ("sqs", "sns", "events", "scheduler", "lambda", "eventbridgev2", "pipes")
"""The services that have a state."""
_FAULT_ACTIONS = "a kind such as throttle, the preset at-least-once, crash, or clear; left out: list them"

_ALL = (
    Command(
        "serve",
        "serve until stopped",
        "serve:main",
        asks=False,
    ),
    Command(
        "queues",
        "list queues",
        "looks:queues",
        "List the queues of all accounts and regions, with how many messages they hold in each state.",
        example="pocketbus queues --region us-east-1",
    ),
    Command(
        "topics",
        "list topics",
        "looks:topics",
        "List the topics of all accounts and regions; with --subscriptions, who is subscribed to them.",
        (Argument("--subscriptions", "list the subscriptions, with their filter policies", flag=True),),
        "pocketbus topics --subscriptions",
    ),
    Command(
        "rules",
        "list rules",
        "looks:rules",
        "List the rules of all buses, with their pattern or schedule and their targets.",
        (Argument("--bus", "only those of this event bus"),),
        "pocketbus rules --bus default",
    ),
    Command(
        "peek",
        "show a queue's messages",
        "looks:peek",
        "Show the messages of a queue in every state, the oldest first, without receiving them.",
        (
            _QUEUE,
            Argument("--state", "only those in this state", choices=("ready", "delayed", "in_flight")),
            Argument("--limit", "at most so many (100)", int),
        ),
        "pocketbus peek jobs --state ready",
    ),
    Command(
        "send",
        "send a message to a queue",
        "sending:send",
        "Send a message to a queue and print its id.",
        (
            _QUEUE,
            _BODY,
            Argument("--delay", "seconds until it can be received", int),
            _GROUP,
            _DEDUPLICATION,
            _ATTRIBUTE,
        ),
        "pocketbus send jobs 'resize photo 7' --attribute size=large",
        changes=True,
    ),
    Command(
        "publish",
        "publish to a topic",
        "sending:publish",
        "Publish a message to a topic and print its id.",
        (
            Argument("topic", "its name or ARN"),
            _BODY,
            Argument("--subject", "subject, for mail"),
            _GROUP,
            _DEDUPLICATION,
            _ATTRIBUTE,
        ),
        "pocketbus publish news 'photo 7 is there' --attribute color=red",
        changes=True,
    ),
    Command(
        "put-event",
        "put an event on a bus",
        "sending:put_event",
        "Put an event on an event bus and print its id.",
        (
            Argument("detail", "a JSON object; left out or -, what comes on standard input", optional=True),
            Argument("--source", "who sends it (command)"),
            Argument("--detail-type", "what it tells (test)"),
            Argument("--bus", "name or ARN of the event bus (default)"),
        ),
        "pocketbus put-event '{\"total\": 2400}' --source shop --detail-type order.placed",
        changes=True,
    ),
    Command(
        "redrive",
        "move dead letters back",
        "queue_tasks:redrive",
        "Move the messages of a dead-letter queue to where they came from, or to another queue. Exit status 1 if the "
        "move fails.",
        (
            Argument("dlq", "name, ARN or URL of the dead-letter queue"),
            Argument("--to", "another queue than where they came from"),
            Argument("--rate", "at most so many a second", int),
        ),
        "pocketbus redrive jobs-dlq",
        changes=True,
    ),
    Command(
        "purge",
        "delete a queue's messages",
        "queue_tasks:purge",
        "Delete all messages of a queue.",
        (_QUEUE,),
        "pocketbus purge jobs",
        changes=True,
    ),
    Command(
        "wait",
        "wait for what is expected",
        "testing:wait",
        "Wait until a queue, the outbox or the trace holds what is expected. Exit status 1 if it does not come.",
        (
            Argument("queue", "its name, ARN or URL", optional=True),
            Argument("--outbox", "wait for what leaves for the outside world", flag=True),
            Argument("--trace", "wait for a record of the trace", flag=True),
            Argument("--subject", "with --trace: only the story of this id"),
            Argument("--matching", "a JMESPath expression that an item makes true"),
            Argument("--count", "at least so many (1)", int),
            Argument("--quiet", "and then no more for so long, such as 2 or PT2S"),
            Argument("--timeout", "give up after so long, in real time (10 seconds)"),
        ),
        "pocketbus wait jobs --matching \"contains(body, 'photo')\" --timeout 5",
    ),
    Command(
        "explain",
        "say who wants it and why",
        "testing:explain",
        "Ask every rule or subscription about an event or message: by its id, or one that is not sent at all. "
        "Exit status 1 if nobody wants it.",
        (
            Argument("id", "the id of an event or publication that passed lately", optional=True),
            Argument("--event", "an event as a JSON object"),
            Argument("--bus", "with --event: the event bus (default)"),
            Argument("--message", "a message's text"),
            Argument("--topic", "with --message: the topic"),
            _ATTRIBUTE,
        ),
        'pocketbus explain --event \'{"source": "shop", "detail": {"total": 2400}}\'',
    ),
    Command(
        "tail",
        "print what happens",
        "tail:tail",
        "Print what happens to messages and events in a running server, as it happens: the emulator's time, what "
        "happened, where, to which id, and why. Ends with the server, or with Ctrl-C.",
        (
            Argument("--all", "begin with what the server still knows of earlier", flag=True),
            Argument("--resource", "only of this queue, topic, bus or rule: its ARN or its name"),
            Argument("--verb", "only what happened in this way, such as received or dead-lettered"),
            Argument("--subject", "only the story of the message or event with this id"),
        ),
        "pocketbus tail --all --resource jobs --verb sent",
    ),
    Command(
        "clock",
        "read or move the clock",
        "testing:clock",
        "Read the emulator's clock, or move it: what is due on the way happens, and is shown.",
        (
            Argument(
                "action",
                "left out: read it",
                choices=("freeze", "thaw", "set", "advance", "next"),
                optional=True,
            ),
            Argument(
                "time",
                "set, freeze: an instant such as 2026-01-01; advance: a duration such as PT10M",
                optional=True,
            ),
        ),
        "pocketbus clock advance PT10M",
        changes=True,
    ),
    Command(
        "faults",
        "make trouble on purpose",
        "testing:faults",
        "List the faults there are, make one, or clear them; docs/CONTROL.md has the kinds and their details.",
        (
            Argument("action", _FAULT_ACTIONS, optional=True),
            Argument("number", "with clear: only this fault; with crash: the queue", optional=True),
            Argument("--service", "a service, such as sqs"),
            Argument("--operation", "an operation, or several (Send*)"),
            Argument("--resource", "a name, ARN or URL, or several (orders*)"),
            Argument("--probability", "of striking each time (1)"),
            Argument("--count", "over after so many strikes"),
            Argument("--seconds", "over after so long, in the emulator's time"),
            Argument("--seed", "the same choices for the same seed"),
            Argument(
                "--set", "a detail as NAME=VALUE, such as code=AccessDenied; may be repeated", repeated=True
            ),
        ),
        "pocketbus faults throttle --operation SendMessage --count 1",
        changes=True,
    ),
    Command(
        "reset",
        "forget everything",
        "testing:reset",
        "Forget every queue, topic, bus and message, or those of an account, a region, a service.",
        (Argument("--service", "only of this service", choices=_KEPT),),
        "pocketbus reset --service sqs",
        changes=True,
    ),
    Command(
        "export",
        "write resources as a seed",
        "export:export",
        "Write the queues, topics, subscriptions, buses, rules, targets and schedules of a running server, without "
        "messages, as a file that `pocketbus --init FILE` begins with.",
        (Argument("--format", "toml, unless it is said otherwise", choices=("toml", "json")),),
        "pocketbus export --format toml",
    ),
    Command(
        "import",
        "bring a state or seed back",
        "testing:import_state",
        "Put a state that was exported in the place of what is there; or, of a seed, make what it names.",
        (Argument("file", "a state or a seed; left out or -, what comes on standard input", optional=True),),
        "curl -s $POCKETBUS_URL/_pocketbus/state | pocketbus import",
        changes=True,
    ),
    Command(
        "replay",
        "step through a journal",
        "replay:main",
        asks=False,
    ),
    Command(
        "at",
        "show what was there then",
        "replay:at",
        asks=False,
    ),
    Command(
        "health",
        "tell if the server is up",
        "looks:health",
        "Tell whether the server is up and which services it has. Exit status 1 if it is not.",
        (Argument("--timeout", "try again for so many seconds", float),),
        "pocketbus health --timeout 10",
    ),
    Command(
        "lambda",
        "run a Lambda worker",
        "lambda:main",
        asks=False,
    ),
    Command(
        "demo",
        "show it all at work",
        "demo:main",
        asks=False,
    ),
    Command(
        "completion",
        "completion for a shell",
        "completion:main",
        "Print what makes a shell complete the commands and options of pocketbus.",
        (Argument("shell", "which one", choices=("bash", "zsh", "fish")),),
        'eval "$(pocketbus completion bash)"',
        asks=False,
    ),
)
COMMANDS = {command.name: command for command in _ALL}

_COLUMN = 40


def overview() -> str:
    """Return the help that fits a screen: every command in two columns."""
    cells = [f"  {command.name:<10}  {command.meaning}" for command in _ALL]
    half = (len(cells) + 1) // 2
    right = [*cells[half:], ""]
    rows = [
        f"{one:<{_COLUMN}}{other}".rstrip() for one, other in zip(cells[:half], right[:half], strict=True)
    ]
    return "\n".join(
        (
            f"usage: {PROGRAM} [COMMAND] [OPTIONS]",
            "",
            "SQS, SNS and EventBridge at one address, in memory.",
            "",
            *rows,
            "",
            f"Without a command it serves: `{PROGRAM} serve --help` has all settings.",
            f"`{PROGRAM} COMMAND --help` has a command's options and an example.",
            "The others ask a running server: --url, POCKETBUS_URL, AWS_ENDPOINT_URL,",
            "else http://localhost:4566. Exit status: 0 done, 1 not so, 2 wrong usage.",
        )
    )
