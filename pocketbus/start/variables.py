"""The environment variables of other emulators: which option each stands for, or what to do instead."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from pocketbus.command.values import SWITCH

SERVED = frozenset({"sqs", "sns", "events", "scheduler", "lambda", "pipes", "sts"})

Options = Mapping[str, str]


def _as(option: str) -> Callable[[str], Options]:
    return lambda text: {option: text}


def _if_on(**options: str) -> Callable[[str], Options]:
    return lambda text: options if SWITCH.get(text.lower()) else {}


def _no_options(_text: str) -> Options:
    return {}


def _address(text: str) -> Options:
    """Read the first of LocalStack's addresses, `host:port` or either of them."""
    host, _, port = text.split(",", maxsplit=1)[0].strip().rpartition(":")
    if not port.isdigit():
        host, port = port, ""
    return ({"host": host} if host else {}) | ({"port": port} if port else {})


_LEVELS = {"trace": "debug", "trace-internal": "debug", "warn": "warning"}


def _level(text: str) -> Options:
    return {"log_level": _LEVELS.get(text.lower(), text.lower())}


class Variable(Struct, frozen=True):
    """A variable: the options it stands for; and, where it asks for what is otherwise here, what the log says once."""

    name: str
    options: Callable[[str], Options] = _no_options
    instead: str | None = None
    """What to do instead."""
    asks: Callable[[str], bool] = lambda text: SWITCH.get(text.lower(), True)
    """Whether a value asks for it."""


ROOT = "{root}"
LOCALSTACK_DATA = f"{ROOT}/var/lib/localstack/pocketbus"
"""Where PERSISTENCE keeps what there is: in LocalStack's volume, below the folder that --root names."""

_KEEP = (
    "with PERSISTENCE=1 or --data all is kept as it happens, and there again at the start; docs/JOURNAL.md"
)

VARIABLES = (
    Variable("DEBUG", _if_on(log_level="debug")),
    Variable("LS_LOG", _level),
    Variable("EDGE_PORT", _as("port")),
    Variable("GATEWAY_LISTEN", _address),
    Variable("DEFAULT_REGION", _as("region")),
    Variable("SQS_ENDPOINT_STRATEGY", _as("sqs_endpoint_strategy")),
    Variable("SQS_DELAY_PURGE_RETRY", _if_on(strict="on")),
    Variable("SQS_DELAY_RECENTLY_DELETED", _if_on(strict="on")),
    Variable("SNS_CERT_URL_HOST", _as("sns_cert_url_host")),
    Variable("SNS_SES_SENDER_ADDRESS", _as("email_sender")),
    Variable("MOTO_PORT", _as("port")),
    Variable("FAUXQS_PORT", _as("port")),
    Variable("FAUXQS_DEFAULT_REGION", _as("region")),
    Variable("FAUXQS_INIT", _as("init")),
    Variable(
        "SERVICES",
        instead="SQS, SNS, EventBridge, Scheduler, Lambda and STS are served, always all; "
        "requests to others are refused by name",
        asks=lambda text: not {name.strip() for name in text.split(",")} <= SERVED,
    ),
    Variable(
        "LOCALSTACK_HOST",
        instead="answers name the address that a client used; no setting is needed",
        asks=lambda text: not text.startswith(("localhost", "127.0.0.1")),
    ),
    Variable(
        "HOSTNAME_EXTERNAL",
        instead="answers name the address that a client used; no setting is needed",
        asks=lambda text: not text.startswith(("localhost", "127.0.0.1")),
    ),
    Variable("USE_SSL", instead="answers name the scheme that a client used; no setting is needed"),
    Variable(
        "ENFORCE_IAM", instead="signatures and identities are not checked; policies of resources are kept"
    ),
    Variable("PERSISTENCE", _if_on(data=LOCALSTACK_DATA)),
    Variable("SNAPSHOT_SAVE_STRATEGY", instead=_KEEP),
    Variable("SNAPSHOT_LOAD_STRATEGY", instead=_KEEP),
    Variable("SNAPSHOT_FLUSH_INTERVAL", instead=_KEEP),
    Variable(
        "SQS_DISABLE_MAX_NUMBER_OF_MESSAGE_LIMIT",
        instead="AWS's limit of 10 messages holds; GET /_pocketbus/messages?queue=NAME shows them all",
    ),
    Variable("INITIAL_NO_AUTH_ACTION_COUNT", instead="no request is refused for want of authorization"),
    # What these ask for is so here in any case.
    Variable("EAGER_SERVICE_LOADING"),
    Variable("SQS_ENABLE_MESSAGE_RETENTION_PERIOD"),
    Variable("MOTO_EVENTS_INVOKE_HTTP"),
    Variable("ENABLE_CONFIG_UPDATES"),
)


def variables_set(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those of the variables that are set."""
    return {one.name: environment[one.name] for one in VARIABLES if environment.get(one.name)}


def options_of(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the options that the variables stand for, each with its text and its variable; later ones win."""
    return {
        option: (text, one.name)
        for one in VARIABLES
        if environment.get(one.name)
        for option, text in one.options(environment[one.name]).items()
    }


def notes_on(environment: Mapping[str, str]) -> list[str]:
    """Say what to do instead of each variable that asks for what is not here."""
    return [
        f"{one.name}: {one.instead}"
        for one in VARIABLES
        if one.instead and environment.get(one.name) and one.asks(environment[one.name])
    ]
