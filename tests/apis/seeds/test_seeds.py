"""Resources written down: applied in any order, once or again, whole or not at all, and written down again."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.eventbridgev2.service import eventbridgev2
from pocketbus.apis.events.service import events
from pocketbus.apis.seeds import applying
from pocketbus.apis.seeds.applying import apply_seed
from pocketbus.apis.seeds.exporting import export_seed
from pocketbus.apis.seeds.operations import Operations
from pocketbus.apis.seeds.schema import seed_schema
from pocketbus.apis.seeds.section import Entry, SeedError
from pocketbus.apis.seeds.sections import SECTIONS
from pocketbus.apis.sns.service import sns
from pocketbus.apis.sqs.service import sqs
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import export_state
from pocketbus.journal.replay import prepared
from tests.pocketbus.journal.memory import Memory, hold_replay

EVERYTHING = (Path(__file__).parents[2] / "end_to_end" / "seeds" / "everything.toml").read_text(
    encoding="utf-8"
)
PLACE = ("account", "region")


@pytest.fixture
def engine() -> Engine:
    engine = Engine(Config(seed=1))
    engine.freeze()
    return engine


def entries(document: dict[str, Any]) -> list[Entry]:
    return [
        Entry(
            section,
            {name: value for name, value in given.items() if name not in PLACE},
            (section, index),
            None,
            *(given.get(name) for name in PLACE),
        )
        for section, listed in document.items()
        for index, given in enumerate(listed)
    ]


def apply(engine: Engine, text: str) -> None:
    apply_seed(engine, entries(tomllib.loads(text)), "http://localhost:4566")


def mistakes(engine: Engine, text: str) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(SeedError) as caught:
        apply(engine, text)
    return [(mistake.path, mistake.text) for mistake in caught.value.mistakes]


def state(engine: Engine) -> dict[str, Any]:
    document = export_state(engine)
    return {name: document[name] for name in ("scopes", "resources", "objects", "ids")}


def test_names_stand_for_what_comes_later_in_the_seed(engine: Engine) -> None:
    apply(engine, EVERYTHING)

    (queue, *_) = export_seed(engine)["queues"]
    assert queue["QueueName"] == "audit.fifo"
    operations = Operations(engine, "000000000000", "us-east-1")
    attributes = operations(
        sqs, "GetQueueAttributes", QueueUrl="http://x/000000000000/billing", AttributeNames=["RedrivePolicy"]
    )["Attributes"]
    assert json.loads(attributes["RedrivePolicy"]) == {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:billing-dlq",
        "maxReceiveCount": 3,
    }


def test_an_entry_can_name_its_account_and_region(engine: Engine) -> None:
    apply(engine, EVERYTHING)

    assert "arn:aws:sqs:eu-west-1:111122223333:far" in engine.resources


def test_a_seed_applied_again_changes_nothing(engine: Engine) -> None:
    apply(engine, EVERYTHING)
    before = state(engine)
    engine.advance(60)
    apply(engine, EVERYTHING)

    assert state(engine) == before


def test_where_all_of_a_seed_is_there_already_nothing_is_kept_aside(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(engine, EVERYTHING)
    asked: list[object] = []
    monkeypatch.setattr(applying, "export_state", lambda *given: asked.append(given))
    apply(engine, EVERYTHING)

    assert asked == []


def test_what_a_seed_says_otherwise_of_what_is_there_is_changed(engine: Engine) -> None:
    apply(engine, EVERYTHING)
    apply(engine, EVERYTHING.replace("VisibilityTimeout = 60", "VisibilityTimeout = 61"))

    billing = next(one for one in export_seed(engine)["queues"] if one["QueueName"] == "billing")
    assert billing["Attributes"]["VisibilityTimeout"] == "61"


@pytest.mark.parametrize(
    ("before", "after", "section", "name", "value"),
    [
        ('DisplayName = "Orders"', 'DisplayName = "Other"', "topics", "Attributes", {"DisplayName": "Other"}),
        ("in the shop", "at home", "buses", "Description", "What happens at home"),
        ("RetentionDays = 7", "RetentionDays = 8", "archives", "RetentionDays", 8),
        (
            '[">", 1000]',
            '[">", 2000]',
            "rules",
            "EventPattern",
            {"detail": {"total": [{"numeric": [">", 2000]}]}},
        ),
        (
            "orders/*",
            "parcels/*",
            "api_destinations",
            "InvocationEndpoint",
            "https://shipping.example.com/parcels/*",
        ),
        (
            '"key", EventEndpointCreated',
            '"other", EventEndpointCreated',
            "platform_applications",
            "Attributes",
            {"PlatformCredential": "other", "EventEndpointCreated": "orders"},
        ),
        (
            "elsewhere:1",
            "elsewhere:2",
            "functions",
            "Code",
            {"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/elsewhere:2"},
        ),
        (
            '["order"]',
            '["note"]',
            "mappings",
            "FilterCriteria",
            {"Filters": [{"Pattern": {"body": {"kind": ["note"]}}}]},
        ),
        ("What happened", "What went on", "custom_buses", "Description", "What went on"),
        (
            '"111122223333" }, Action = "events:PutEvents"',
            '"444455556666" }, Action = "events:PutEvents"',
            "custom_bus_policies",
            "PolicyDocument",
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "444455556666"},
                        "Action": "events:PutEvents",
                        "Resource": "*",
                    }
                ],
            },
        ),
        (
            'Pattern = { source = ["shop"] }',
            'Pattern = { source = ["stall"] }',
            "subscribers",
            "FilterConfiguration",
            {
                "Language": "EVENT_BRIDGE_PATTERN",
                "Filters": [{"Scope": "DATA", "Pattern": {"source": ["stall"]}}],
            },
        ),
    ],
)
def test_each_kind_of_resource_can_be_changed(
    engine: Engine, before: str, after: str, section: str, name: str, value: object
) -> None:
    apply(engine, EVERYTHING)
    engine.advance(1)
    apply(engine, EVERYTHING.replace(before, after))

    assert export_seed(engine)[section][0][name] == value


def test_a_changed_secret_of_a_connection_is_taken_and_its_other_parameters_stay(engine: Engine) -> None:
    apply(engine, EVERYTHING)
    (before,) = export_seed(engine)["connections"]
    apply(engine, EVERYTHING.replace('ClientSecret = "secret"', 'ClientSecret = "new"'))
    (after,) = export_seed(engine)["connections"]

    before["AuthParameters"]["OAuthParameters"]["ClientParameters"]["ClientSecret"] = "new"
    assert after == before


def test_a_part_of_a_functions_settings_that_changes_leaves_the_rest(engine: Engine) -> None:
    apply(engine, EVERYTHING)
    before = export_seed(engine)["functions"][1]
    apply(engine, EVERYTHING.replace("Timeout = 20", "Timeout = 25").replace('"app.handler"', '"app.other"'))

    assert export_seed(engine)["functions"][1] == {**before, "Timeout": 25, "Handler": "app.other"}


def test_a_function_for_another_processor_is_changed_and_one_packed_otherwise_refused(engine: Engine) -> None:
    apply(engine, EVERYTHING)
    apply(engine, EVERYTHING.replace("Timeout = 20", 'Timeout = 20\nArchitectures = ["arm64"]'))

    assert export_seed(engine)["functions"][1]["Architectures"] == ["arm64"]
    packed = EVERYTHING.replace(
        'PackageType = "Image"', 'PackageType = "Zip"\nRuntime = "python3.13"\nHandler = "h"'
    )
    ((_, told),) = mistakes(engine, packed)
    assert told == "functions: ResourceConflictException: Function already exist: elsewhere"


def test_what_cannot_be_made_anew_is_left_out_of_an_export(engine: Engine) -> None:
    apply(engine, EVERYTHING)
    operations = Operations(engine, "000000000000", "us-east-1")
    operations(events, "DeauthorizeConnection", Name="shipping")
    application = "arn:aws:sns:us-east-1:000000000000:app/GCM/shop"
    device = operations(sns, "CreatePlatformEndpoint", PlatformApplicationArn=application, Token="1")
    topic = "arn:aws:sns:us-east-1:000000000000:orders"
    operations(sns, "Subscribe", TopicArn=topic, Protocol="application", Endpoint=device["EndpointArn"])
    operations(awslambda, "DeleteFunction", FunctionName="handle")
    exported = export_seed(engine)

    assert "connections" not in exported
    assert "mappings" not in exported
    assert "api_destinations" not in exported
    assert [one["Protocol"] for one in exported["subscriptions"]] == ["sqs", "sqs"]


def test_queues_may_be_each_others_dead_letter_queues(engine: Engine) -> None:
    apply(
        engine,
        """
        [[queues]]
        QueueName = "a"
        Attributes.RedrivePolicy = { deadLetterTargetArn = "b", maxReceiveCount = 1 }
        [[queues]]
        QueueName = "b"
        Attributes.RedrivePolicy = { deadLetterTargetArn = "a", maxReceiveCount = 1 }
        """,
    )

    assert [
        one["Attributes"]["RedrivePolicy"]["deadLetterTargetArn"] for one in export_seed(engine)["queues"]
    ] == [
        "b",
        "a",
    ]


def test_an_export_applied_to_an_empty_server_gives_the_same_export(engine: Engine) -> None:
    apply(engine, EVERYTHING)
    exported = export_seed(engine)
    other = Engine(Config(seed=2))
    apply_seed(other, entries(json.loads(json.dumps(exported))), "")

    assert set(exported) == set(SECTIONS)
    assert export_seed(other) == exported


def test_an_empty_server_has_nothing_to_export(engine: Engine) -> None:
    engine.scope("000000000000", "us-east-1")

    assert export_seed(engine) == {}


def test_a_text_that_no_table_can_say_is_exported_as_a_text(engine: Engine) -> None:
    apply(
        engine,
        """
        [[rules]]
        Name = "nothing"
        EventPattern = '{"detail": {"cause": [null]}}'
        """,
    )

    assert export_seed(engine)["rules"][0]["EventPattern"] == '{"detail": {"cause": [null]}}'


@pytest.mark.parametrize(
    ("seed", "found"),
    [
        ('[[queus]]\nQueueName = "a"', [(("queus", 0), "there is no section queus; did you mean queues?")]),
        (
            '[[queues]]\nQueueNam = "a"',
            [
                (
                    ("queues", 0, "QueueNam"),
                    "queues: there is no parameter QueueNam; did you mean QueueName?",
                ),
                (("queues", 0), "queues: QueueName is missing"),
            ],
        ),
        (
            '[[queues]]\nQueueName = "a"\nAttributes.Visibility = 1',
            [
                (
                    ("queues", 0, "Attributes", "Visibility"),
                    "queues: there is no attribute Visibility; did you mean VisibilityTimeout?",
                )
            ],
        ),
        (
            '[[archives]]\nArchiveName = "a"\nEventSourceArn = "default"\nRetentionDays = "seven"',
            [(("archives", 0, "RetentionDays"), "archives: RetentionDays must be of type integer")],
        ),
        (
            '[[targets]]\nRule = "r"\nTargets = [{ Id = "1", Arm = "x" }]',
            [
                (
                    ("targets", 0, "Targets", 0, "Arm"),
                    "targets: there is no parameter Arm; did you mean Arn?",
                ),
                (("targets", 0, "Targets", 0), "targets: Arn is missing"),
            ],
        ),
        (
            '[[functions]]\nFunctionName = "f"\nRole = "r"\nCode = { ZipFile = "?" }',
            [(("functions", 0, "Code", "ZipFile"), "functions: ZipFile is no base64")],
        ),
        (
            '[[rules]]\nName = "a"\nEventPattern = { time = [2026-01-01] }',
            [
                (
                    ("rules", 0, "EventPattern"),
                    "rules: EventPattern holds a date or the like, which JSON has not: write it as a text",
                )
            ],
        ),
        (
            '[[queues]]\nQueueName = "a"\naccount = "12"',
            [(("queues", 0, "account"), "'12' is no account; give 12 digits in quotes")],
        ),
        (
            '[[subscriptions]]\nTopicArn = "nowhere"\nProtocol = "sqs"\nEndpoint = "nowhere"',
            [(("subscriptions", 0), "subscriptions: there is no topic nowhere, here or in the seed")],
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(
    engine: Engine, seed: str, found: list[tuple[tuple[str | int, ...], str]]
) -> None:
    assert mistakes(engine, seed) == found


def test_a_name_of_two_things_asks_for_its_kind(engine: Engine) -> None:
    seed = """
        [[queues]]
        QueueName = "orders"
        [[topics]]
        Name = "orders"
        [[rules]]
        Name = "all"
        EventPattern = { source = ["shop"] }
        [[targets]]
        Rule = "all"
        Targets = [{ Id = "1", Arn = "orders" }]
        """

    assert mistakes(engine, seed) == [
        (("targets", 0), "targets: orders means more than one thing: write queue:orders or topic:orders")
    ]


def test_awss_own_error_names_what_is_wrong_at_the_attribute(engine: Engine) -> None:
    seed = '[[queues]]\nQueueName = "a"\nAttributes = { VisibilityTimeout = 99999 }'

    assert mistakes(engine, seed) == [
        (
            ("queues", 0, "Attributes", "VisibilityTimeout"),
            "queues: InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.",
        )
    ]


def test_nothing_of_a_seed_is_there_after_an_error_in_its_last_entry(engine: Engine) -> None:
    apply(engine, '[[queues]]\nQueueName = "before"')
    before = state(engine)
    mistakes(engine, EVERYTHING + '\n[[rules]]\nName = "bad"\nEventPattern = "{"\n')
    after = state(engine)

    assert [scope["region"] for scope in after["scopes"]] == ["us-east-1"]
    assert after["resources"][: len(before["resources"])] == before["resources"]
    assert [arn for arn in engine.resources if "event-bus/default" not in arn] == [
        "arn:aws:sqs:us-east-1:000000000000:before"
    ]


def test_the_schema_allows_a_seed_with_everything() -> None:
    jsonschema.validate(tomllib.loads(EVERYTHING), seed_schema())


@pytest.mark.parametrize(
    "wrong", ['[[queues]]\nQueueNam = "a"', '[[queus]]\nQueueName = "a"', "[[topics]]\n"]
)
def test_the_schema_refuses_what_is_unknown_or_missing(wrong: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(wrong), seed_schema())


async def test_a_seed_is_in_the_journal_as_it_was_applied() -> None:
    engine = prepared(Engine(Config(seed=1)))
    memory = Memory()
    engine.door.journal = memory
    apply(engine, EVERYTHING)
    seen = memory.see(engine)
    engine.door.close()

    hold_replay(memory, [seen])


def test_a_subscriber_of_a_seed_is_exported_without_the_instant_at_which_it_began(engine: Engine) -> None:
    apply(engine, EVERYTHING)
    engine.advance(3600)
    operations = Operations(engine, "000000000000", "us-east-1")
    (bus,) = (
        one
        for one in engine.scope("000000000000", "us-east-1").custom.custom_buses.values()
        if one.name == "spare"
    )
    operations(
        eventbridgev2,
        "CreateSubscriber",
        Name="late",
        EventBusArn=bus.arn,
        InvokeConfiguration={
            "TargetArn": "arn:aws:sqs:us-east-1:000000000000:billing",
            "RoleArn": "arn:aws:iam::000000000000:role/s",
        },
        StartingPosition="POINT_IN_TIME",
        PointInTimeConfiguration={"PointType": "TIMESTAMP", "StartingPoint": engine.clock.now() - 1800},
    )

    late = next(one for one in export_seed(engine)["subscribers"] if one["Name"] == "late")
    assert late == {
        "Name": "late",
        "EventBusArn": "spare",
        "InvokeConfiguration": {"TargetArn": "billing", "RoleArn": "arn:aws:iam::000000000000:role/s"},
    }
