"""Archives on the wire."""

import json
from typing import Any

import pytest

from tests.apis.events.refusals import refused

BUS = "arn:aws:events:us-east-1:000000000000:event-bus/default"
ARCHIVE = "arn:aws:events:us-east-1:000000000000:archive/kept"
ORDERS = '{"source": ["shop"]}'
DAY = 86_400


def archive(events: Any, **settings: Any) -> dict[str, Any]:
    answer: dict[str, Any] = events.create_archive(ArchiveName="kept", EventSourceArn=BUS, **settings)
    return answer


def put(events: Any, source: str = "shop") -> None:
    entry = {"Source": source, "DetailType": "Order", "Detail": "{}"}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def count(events: Any) -> int:
    found: int = events.describe_archive(ArchiveName="kept")["EventCount"]
    return found


def test_a_created_archive_is_named_and_enabled(world: Any) -> None:
    answer = archive(world.events)

    assert (answer["ArchiveArn"], answer["State"]) == (ARCHIVE, "ENABLED")
    assert answer["CreationTime"].timestamp() == world.NOW


def test_an_archive_is_described_as_it_was_created(world: Any) -> None:
    settings = {
        "Description": "all orders",
        "EventPattern": ORDERS,
        "RetentionDays": 3,
        "KmsKeyIdentifier": "alias/key",
    }
    archive(world.events, **settings)

    found = world.events.describe_archive(ArchiveName="kept")

    assert {name: found[name] for name in settings} == settings
    assert (found["ArchiveName"], found["ArchiveArn"], found["EventSourceArn"]) == ("kept", ARCHIVE, BUS)
    assert (found["State"], found["SizeBytes"], found["EventCount"]) == ("ENABLED", 0, 0)


def test_an_archive_counts_the_events_that_match_its_pattern_and_their_bytes(world: Any) -> None:
    archive(world.events, EventPattern=ORDERS)
    url, queue = world.queue()
    world.events.put_rule(Name="r", EventPattern=ORDERS)
    world.events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": queue}])

    put(world.events)
    put(world.events, "bank")

    (body,) = world.bodies(url)
    found = world.events.describe_archive(ArchiveName="kept")
    assert (found["EventCount"], found["SizeBytes"]) == (1, len(body))


def test_an_archive_without_a_pattern_keeps_every_event(world: Any) -> None:
    archive(world.events)

    put(world.events)
    put(world.events, "bank")

    assert count(world.events) == 2


def test_an_archived_event_is_let_go_after_its_retention(world: Any) -> None:
    archive(world.events, RetentionDays=2)
    put(world.events)
    world.emulator.advance(DAY)
    put(world.events)
    world.emulator.advance(DAY - 1)

    assert count(world.events) == 2
    world.emulator.advance(1)
    assert count(world.events) == 1


def test_an_updated_archive_keeps_what_it_has_and_what_was_not_named(world: Any) -> None:
    archive(world.events, EventPattern=ORDERS, Description="orders", RetentionDays=1)
    put(world.events)

    answer = world.events.update_archive(
        ArchiveName="kept", EventPattern='{"source": ["bank"]}', RetentionDays=0
    )
    put(world.events)
    put(world.events, "bank")

    found = world.events.describe_archive(ArchiveName="kept")
    assert (answer["ArchiveArn"], answer["State"]) == (ARCHIVE, "ENABLED")
    assert (found["EventCount"], found["Description"], found["RetentionDays"]) == (2, "orders", 0)


def test_an_update_that_changes_nothing_is_refused_before_the_archive_is_looked_for(world: Any) -> None:
    with refused(
        "ValidationException",
        "At least one of EventPattern, RetentionDays or Description must be provided.",
    ):
        world.events.update_archive(ArchiveName="nowhere")


def test_archives_are_listed_page_by_page(world: Any) -> None:
    for name in ("c", "a", "b"):
        world.events.create_archive(ArchiveName=name, EventSourceArn=BUS)

    first = world.events.list_archives(Limit=2)
    second = world.events.list_archives(Limit=2, NextToken=first["NextToken"])

    assert [found["ArchiveName"] for found in first["Archives"] + second["Archives"]] == ["a", "b", "c"]
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"NamePrefix": "ke"}, ["kept"]),
        ({"NamePrefix": "x"}, []),
        ({"State": "ENABLED"}, ["kept"]),
        ({"State": "DISABLED"}, []),
        ({"EventSourceArn": BUS}, ["kept"]),
    ],
)
def test_archives_are_found_by_one_filter(world: Any, given: dict[str, str], found: list[str]) -> None:
    archive(world.events)

    assert [one["ArchiveName"] for one in world.events.list_archives(**given)["Archives"]] == found


def test_two_filters_are_refused(world: Any) -> None:
    with refused(
        "ValidationException",
        "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.",
    ):
        world.events.list_archives(NamePrefix="k", State="ENABLED")


def test_archives_of_a_bus_that_does_not_exist_are_not_listed(world: Any) -> None:
    with refused("ResourceNotFoundException", "Event bus nowhere does not exist."):
        world.events.list_archives(EventSourceArn=BUS.replace("default", "nowhere"))


def test_a_deleted_archive_is_gone_and_takes_its_rule_along(world: Any) -> None:
    archive(world.events)

    world.events.delete_archive(ArchiveName="kept")

    with refused("ResourceNotFoundException", "Archive kept does not exist."):
        world.events.describe_archive(ArchiveName="kept")
    assert world.events.list_rules()["Rules"] == []


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [("delete_archive", {}), ("describe_archive", {}), ("update_archive", {"Description": "d"})],
)
def test_an_archive_that_does_not_exist_is_named(
    world: Any, operation: str, arguments: dict[str, str]
) -> None:
    with refused("ResourceNotFoundException", "Archive nowhere does not exist."):
        getattr(world.events, operation)(ArchiveName="nowhere", **arguments)


def test_a_second_archive_of_a_name_is_refused(world: Any) -> None:
    archive(world.events)

    with refused("ResourceAlreadyExistsException", "Archive kept already exists."):
        archive(world.events)


def test_an_archive_of_a_bus_that_does_not_exist_is_refused(world: Any) -> None:
    with refused("ResourceNotFoundException", "Event bus nowhere does not exist."):
        world.events.create_archive(ArchiveName="kept", EventSourceArn=BUS.replace("default", "nowhere"))


def test_an_archive_of_what_is_no_bus_is_refused(world: Any) -> None:
    arn = BUS.replace("event-bus", "connection")

    with refused("ResourceNotFoundException", f"Event bus {arn} does not exist."):
        world.events.create_archive(ArchiveName="kept", EventSourceArn=arn)


@pytest.mark.parametrize("operation", ["create_archive", "update_archive"])
def test_an_invalid_pattern_is_refused(world: Any, operation: str) -> None:
    archive(world.events)
    arguments = {"ArchiveName": "kept2", "EventSourceArn": BUS} if operation == "create_archive" else {}

    with refused(
        "InvalidEventPatternException",
        'Event pattern is not valid. Reason: "source" must be an object or an array\n'
        ' at [Source: (String)"{"source": "shop"}"; line: 1, column: 13]',
    ):
        getattr(world.events, operation)(
            **({"ArchiveName": "kept"} | arguments), EventPattern='{"source": "shop"}'
        )


def test_an_archive_shows_its_rule_which_can_only_be_removed_by_force(world: Any) -> None:
    archive(world.events, EventPattern=ORDERS)
    (rule,) = world.events.list_rules()["Rules"]

    assert (rule["Name"], rule["ManagedBy"]) == ("Events-Archive-kept", "prod.vhs.events.aws.internal")
    assert json.loads(rule["EventPattern"]) == {"source": ["shop"], "replay-name": [{"exists": False}]}
    with refused(
        "ManagedRuleException", "Rule Events-Archive-kept is managed by prod.vhs.events.aws.internal."
    ):
        world.events.delete_rule(Name=rule["Name"])
    world.events.remove_targets(Rule=rule["Name"], Ids=[rule["Name"]], Force=True)
    world.events.delete_rule(Name=rule["Name"], Force=True)
    put(world.events)
    assert count(world.events) == 0


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("put_rule", {"Name": "Events-Archive-kept", "EventPattern": ORDERS}),
        ("enable_rule", {"Name": "Events-Archive-kept"}),
        ("disable_rule", {"Name": "Events-Archive-kept"}),
        (
            "put_targets",
            {
                "Rule": "Events-Archive-kept",
                "Targets": [{"Id": "t", "Arn": "arn:aws:sns:us-east-1:000000000000:t"}],
            },
        ),
        ("remove_targets", {"Rule": "Events-Archive-kept", "Ids": ["t"]}),
        (
            "tag_resource",
            {
                "ResourceARN": "arn:aws:events:us-east-1:000000000000:rule/Events-Archive-kept",
                "Tags": [{"Key": "k", "Value": "v"}],
            },
        ),
        (
            "untag_resource",
            {
                "ResourceARN": "arn:aws:events:us-east-1:000000000000:rule/Events-Archive-kept",
                "TagKeys": ["k"],
            },
        ),
    ],
)
def test_an_archives_rule_cannot_be_changed(world: Any, operation: str, arguments: dict[str, Any]) -> None:
    archive(world.events)

    with refused(
        "ManagedRuleException", "Rule Events-Archive-kept is managed by prod.vhs.events.aws.internal."
    ):
        getattr(world.events, operation)(**arguments)
