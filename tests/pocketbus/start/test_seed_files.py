"""Seed files of every form: what they ask for, and the line of a mistake."""

from pathlib import Path
from typing import Any

import pytest

from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.start.reading import read_seed
from pocketbus.start.seed import Seed

SEEDS = Path(__file__).parents[2] / "end_to_end" / "seeds"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(name: str, text: str) -> Seed:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_seed(path)

    return read


def refusal(read: Any, name: str, text: str) -> list[str]:
    with pytest.raises(SeedingError) as caught:
        read(name, text)
    return [line.rpartition("/")[2] for line in str(caught.value).splitlines()]


def asked(seed: Seed) -> list[tuple[str, dict[str, Any]]]:
    return [(entry.section, entry.parameters) for entry in seed.entries]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.toml", '\n[[queues]]\nQueueName = "a"\nSize = 3\n', 4),
        (
            "a.toml",
            '[[queues]]\nQueueName = "a"\n# and\n[queues.Attributes]\nDelaySeconds = 1\nSize = 3\n',
            6,
        ),
        ("a.toml", 'queues = [\n  { QueueName = "a" },\n  { QueueName = "b", Size = 3 },\n]\n', 1),
        ("a.json", '{\n"queues": [\n{"QueueName": "a"},\n{\n"QueueName": "b",\n"Size": 3}]}', 6),
        ("a.yaml", "queues:\n- QueueName: a\n- QueueName: b\n  Attributes:\n    Size: 3\n", 5),
        ("a.yml", "queues:\n- QueueName: a\n  Size: 3\n", 3),
    ],
)
def test_what_is_unknown_is_told_with_its_line(read: Any, name: str, text: str, line: int) -> None:
    (told,) = refusal(read, name, text)

    assert told.startswith(f"{name}:{line}: queues: there is no ")
    assert " Size; " in told


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.toml", "[[queues]\n", "a.toml:1: Expected ']]' at the end of an array declaration"),
        ("a.json", '{"queues":\n[}', "a.json:2: Expecting value"),
        ("a.yaml", "queues: [\n", "a.yaml:2: expected the node content, but found '<stream end>'"),
        ("a.conf", "queues {\n  a { delay = }\n", "a.conf:3: Expected"),
        ("a.json", "[]", "a.json:1: this is no table of resources"),
        ("a.toml", "[queues]\nQueueName = 1", "a.toml:1: queues is a list of tables, such as [[queues]]"),
        ("a.json", '{"queues": [3]}', "a.json:1: queues: 3 is no table of parameters"),
        ("a.toml", "queues = 5", "a.toml:1: queues is a list of tables, such as [[queues]]"),
        ("a.json", '{"queues": NaN}', "a.json:1: queues is a list of tables, such as [[queues]]"),
        ("a.conf", "queues = 5", "a.conf:1: queues is a list of tables, such as [[queues]]"),
        ("a.yaml", "queues: &q [*q]", "a.yaml:1: queues: [[...]] is no table of parameters"),
        ("a.yaml", "1: 2", "a.yaml:1: there is no section 1; "),
        ("a.yaml", "queues:\n- {1: 2, QueueName: a}", "a.yaml:2: queues: there is no parameter 1; "),
        ("a.yaml", "null: x", "a.yaml:1: there is no section None; "),
        ("a.yaml", f"a: {'[' * 5000}", "a.yaml: it is nested too deeply"),
        ("a.json", "[" * 5000, "a.json: it is nested too deeply"),
        ("a.toml", f"a = {'[' * 5000}", "a.toml: it is nested too deeply"),
        ("a.toml", f"a = {'9' * 5000}", "a.toml: Exceeds the limit (4300 digits)"),
        ("a.json", f'{{"a": {"9" * 5000}}}', "a.json: Exceeds the limit (4300 digits)"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(read: Any, name: str, text: str, told: str) -> None:
    (first, *_) = refusal(read, name, text)

    assert first.startswith(told)


def test_every_mistake_is_told_at_once(read: Any) -> None:
    told = refusal(read, "a.toml", '[[queues]]\nName = "a"\n[[topics]]\nQueueName = "b"\n')

    assert [one.partition(": ")[0] for one in told] == ["a.toml:2", "a.toml:1", "a.toml:4", "a.toml:3"]


def test_account_and_region_of_a_file_are_those_of_its_entries(read: Any) -> None:
    seed = read(
        "a.toml", 'region = "eu-west-1"\n[[queues]]\nQueueName = "a"\n[[topics]]\nName = "b"\nregion = "x-1"'
    )

    assert [(entry.account, entry.region) for entry in seed.entries] == [(None, "eu-west-1"), (None, "x-1")]


def test_elasticmqs_configuration_is_understood() -> None:
    seed = read_seed(SEEDS / "elasticmq.conf")

    assert asked(seed) == [
        (
            "queues",
            {
                "QueueName": "orders",
                "Attributes": {
                    "VisibilityTimeout": 10,
                    "DelaySeconds": 5,
                    "ReceiveMessageWaitTimeSeconds": 0,
                    "RedrivePolicy": {"deadLetterTargetArn": "orders-dlq", "maxReceiveCount": 3},
                },
                "tags": {"team": "shop"},
            },
        ),
        ("queues", {"QueueName": "orders-dlq", "Attributes": {}}),
        (
            "queues",
            {"QueueName": "audit.fifo", "Attributes": {"FifoQueue": True, "ContentBasedDeduplication": True}},
        ),
    ]
    assert seed.settings == {"account": "000000000000", "region": "us-west-2"}
    assert seed.ports == [9324, 9325]
    assert seed.notes == ["copyTo of orders has no effect here", "messages-storage has no effect here"]


def test_goaws_configuration_is_understood() -> None:
    seed = read_seed(SEEDS / "goaws.yaml")

    assert asked(seed) == [
        ("queues", {"QueueName": "orders", "Attributes": {"VisibilityTimeout": 10}}),
        (
            "queues",
            {
                "QueueName": "billing",
                "Attributes": {
                    "VisibilityTimeout": 10,
                    "ReceiveMessageWaitTimeSeconds": 2,
                    "RedrivePolicy": '{"maxReceiveCount": 3, '
                    '"deadLetterTargetArn": "arn:aws:sqs:us-east-1:100010001000:billing-dlq"}',
                },
            },
        ),
        ("queues", {"QueueName": "billing-dlq", "Attributes": {"VisibilityTimeout": 10}}),
        ("topics", {"Name": "orders"}),
        (
            "subscriptions",
            {
                "TopicArn": "orders",
                "Protocol": "sqs",
                "Endpoint": "orders",
                "Attributes": {"RawMessageDelivery": True, "FilterPolicy": '{"kind": ["placed"]}'},
            },
        ),
        ("queues", {"QueueName": "unlisted", "Attributes": {"VisibilityTimeout": 10}}),
        (
            "subscriptions",
            {"TopicArn": "orders", "Protocol": "sqs", "Endpoint": "unlisted", "Attributes": {}},
        ),
    ]
    assert seed.settings == {"account": "100010001000", "region": "us-east-1"}
    assert seed.ports == [4100]
    assert seed.notes == ["RandomLatency has no effect here", "the environment Dev is not used, Local is"]


def test_fauxqs_init_file_is_understood() -> None:
    seed = read_seed(SEEDS / "fauxqs.json")

    assert asked(seed) == [
        (
            "queues",
            {"QueueName": "orders", "Attributes": {"VisibilityTimeout": "60"}, "tags": {"team": "shop"}},
        ),
        ("queues", {"QueueName": "audit.fifo", "Attributes": {"FifoQueue": "true"}}),
        ("topics", {"Name": "events", "Tags": [{"Key": "team", "Value": "shop"}]}),
        (
            "subscriptions",
            {
                "TopicArn": "events",
                "Protocol": "sqs",
                "Endpoint": "orders",
                "Attributes": {"RawMessageDelivery": "true"},
            },
        ),
    ]
    assert seed.notes == ["buckets are not here"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.yaml", "Local:\n  Queues:\n  - QueueName: a\n", "this looks like goaws's form and is not"),
        (
            "a.conf",
            "queues {\n  a { delay = sometimes }\n}\nrest-sqs { bind-port = x }\n",
            "elasticmq's form",
        ),
    ],
)
def test_a_neighbours_file_that_is_not_right_is_refused(read: Any, name: str, text: str, told: str) -> None:
    (first,) = refusal(read, name, text)

    assert told in first


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5),
        ("1 minute", 60),
        ("10 seconds", 10),
        ("500 millis", 0),
        ("2000", 2),
        ("1 hour", 3600),
        ("1d", 86_400),
    ],
)
def test_elasticmqs_durations_are_read(read: Any, text: str, seconds: int) -> None:
    seed = read("a.conf", f"queues {{\n  a {{ delay = {text} }}\n}}\n")

    assert seed.entries[0].parameters["Attributes"] == {"DelaySeconds": seconds}
