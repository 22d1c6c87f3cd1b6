"""The variables of other emulators: the options that they stand for, and what the log says of the others."""

import pytest

from pocketbus.command.options import OPTIONS
from pocketbus.start.variables import VARIABLES, notes_on, options_of


@pytest.mark.parametrize(
    ("variable", "text", "options"),
    [
        ("DEBUG", "1", {"log_level": "debug"}),
        ("DEBUG", "0", {}),
        ("LS_LOG", "trace", {"log_level": "debug"}),
        ("LS_LOG", "WARN", {"log_level": "warning"}),
        ("EDGE_PORT", "4567", {"port": "4567"}),
        ("GATEWAY_LISTEN", "10.0.0.5:4566", {"host": "10.0.0.5", "port": "4566"}),
        ("GATEWAY_LISTEN", "10.0.0.5:4566,10.0.0.5:443", {"host": "10.0.0.5", "port": "4566"}),
        ("GATEWAY_LISTEN", "127.0.0.1", {"host": "127.0.0.1"}),
        ("GATEWAY_LISTEN", ":4577", {"port": "4577"}),
        ("DEFAULT_REGION", "eu-west-1", {"region": "eu-west-1"}),
        ("SQS_ENDPOINT_STRATEGY", "path", {"sqs_endpoint_strategy": "path"}),
        ("SQS_DELAY_PURGE_RETRY", "1", {"strict": "on"}),
        ("SQS_DELAY_RECENTLY_DELETED", "true", {"strict": "on"}),
        ("SNS_CERT_URL_HOST", "sns.example", {"sns_cert_url_host": "sns.example"}),
        ("SNS_SES_SENDER_ADDRESS", "a@b.c", {"email_sender": "a@b.c"}),
        ("MOTO_PORT", "5000", {"port": "5000"}),
        ("FAUXQS_INIT", "/app/init.json", {"init": "/app/init.json"}),
    ],
)
def test_a_variable_of_another_emulator_stands_for_options(
    variable: str, text: str, options: dict[str, str]
) -> None:
    assert options_of({variable: text}) == {name: (value, variable) for name, value in options.items()}


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("SERVICES", "sqs,s3"),
        ("USE_SSL", "true"),
        ("ENFORCE_IAM", "1"),
        ("LOCALSTACK_HOST", "localstack:4566"),
        ("SQS_DISABLE_MAX_NUMBER_OF_MESSAGE_LIMIT", "1"),
        ("SNAPSHOT_SAVE_STRATEGY", "ON_SHUTDOWN"),
    ],
)
def test_what_a_variable_asks_for_in_vain_is_said(variable: str, text: str) -> None:
    (note,) = notes_on({variable: text})

    assert note.startswith(f"{variable}: ")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PERSISTENCE", "1"),
        ("PERSISTENCE", "0"),
        ("SERVICES", "sqs, sns,events"),
        ("LOCALSTACK_HOST", "localhost:4566"),
        ("DEBUG", "1"),
    ],
)
def test_what_is_so_in_any_case_is_not_worth_a_word(variable: str, text: str) -> None:
    assert notes_on({variable: text}) == []


def test_every_variable_leads_to_options_that_there_are() -> None:
    named = {option for one in VARIABLES for option in one.options("1")}

    assert named <= {option.name for option in OPTIONS}
