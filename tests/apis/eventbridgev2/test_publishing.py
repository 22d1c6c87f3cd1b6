"""PutEvents and PutRawEvents: what each entry becomes, what is taken once only, and what is refused."""

import json
from typing import Any

import pytest

from tests.apis.eventbridgev2.conftest import World, refusal


def test_put_events_wraps_a_detail_into_the_envelope_of_eventbridge(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)

    answer = world.buses.put_events(
        EventBusArn=bus,
        Entries=[
            {
                "Source": "shop",
                "DetailType": "order.placed",
                "Detail": '{ "order" : 1.50 }',
                "Resources": ["arn:aws:s3:::bucket"],
                "Time": 0,
            }
        ],
    )

    (entry,) = answer["Entries"]
    assert answer["FailedEntryCount"] == 0
    assert entry == {
        "EventId": entry["EventId"],
        "SequenceNumber": "10000000000000001000",
        "SuccessCode": "PUBLISHED",
    }
    assert world.bodies() == [
        (
            f'{{"version":"0","id":"{entry["EventId"]}","detail-type":"order.placed","source":"shop",'
            '"account":"000000000000","time":"1970-01-01T00:00:00Z","region":"us-east-1",'
            '"resources":["arn:aws:s3:::bucket"],"detail":{"order":1.50}}'
        )
    ]


def test_an_event_without_a_time_and_a_detail_is_of_now_and_has_an_empty_one(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)

    world.buses.put_events(EventBusArn=bus, Entries=[{"Source": "shop", "DetailType": "ping"}])

    (body,) = world.bodies()
    assert (json.loads(body)["time"], json.loads(body)["detail"]) == ("2026-01-01T12:00:01Z", {})


def test_raw_events_arrive_as_they_were_put(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)

    world.put_raw(bus, b'{"a": [1, 2]}', b"[1]", b'"text"', b"3.0")
    world.put_raw(bus, b'{"specversion":"1.0"}', kind="application/cloudevents+json")
    world.put_raw(bus, b"\x00\xff", kind="application/octet-stream")

    assert world.bodies() == ['{"a": [1, 2]}', "[1]", '"text"', "3.0", '{"specversion":"1.0"}', "AP8="]


def test_sequence_numbers_rise_by_a_thousand(world: World) -> None:
    bus = world.bus()

    numbers = [entry["SequenceNumber"] for entry in world.put(bus, {}, {}) + world.put_raw(bus, b"1")]
    assert numbers == ["10000000000000001000", "10000000000000002000", "10000000000000003000"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"Source": "aws.shop"}, "Source must not begin with 'aws.'."),
        ({"Detail": "no"}, "Detail is not valid JSON."),
        ({"Detail": "[1]"}, "Detail is not a JSON object."),
        ({"Detail": "[" * 5000}, "Detail is not valid JSON."),
    ],
)
def test_an_entry_fails_by_itself(world: World, entry: Any, message: str) -> None:
    bus = world.bus()
    good = {"Source": "shop", "DetailType": "placed", "Detail": "{}"}

    answer = world.buses.put_events(EventBusArn=bus, Entries=[good | entry, good])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0] == {"ErrorCode": "VALIDATION_ERROR", "ErrorMessage": message}
    assert answer["Entries"][1]["SuccessCode"] == "PUBLISHED"


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        ("application/json", b"{", "Data is not valid JSON."),
        ("application/json", b"\xff", "Data is not valid UTF-8."),
        (
            "application/avro",
            b"x",
            "SchemaRegistryConfiguration is required for open-format events: application/avro.",
        ),
        ("application/xml", b"<a/>", "ContentType application/xml is not supported. "),
    ],
)
def test_a_raw_entry_fails_by_itself(world: World, kind: str, data: bytes, message: str) -> None:
    (entry,) = world.put_raw(world.bus(), data, kind=kind)

    assert entry["ErrorCode"] == "VALIDATION_ERROR"
    assert entry["ErrorMessage"].startswith(message)


def test_no_schema_registry_is_here_to_decode_open_formats(world: World) -> None:
    entry = {"Data": b"x", "SystemMetadata": {"ContentType": "application/avro"}}

    assert refusal(
        world.buses.put_raw_events,
        EventBusArn=world.bus(),
        Entries=[entry],
        SchemaRegistryConfiguration={"RegistryUri": "https://registry.example.com"},
    ) == (
        "SchemaRegistryUnavailableException",
        400,
        "The schema registry https://registry.example.com cannot be reached: none is emulated.",
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"Entries": []}, "at 'entries' failed to satisfy constraint: Member must have length greater than"),
        ({"Entries": [{"Source": "s"}]}, "at 'entries.1.member.detailType' failed to satisfy constraint"),
        (
            {"Entries": [{"Source": "s", "DetailType": "d", "SystemMetadata": {"DeduplicationId": " "}}]},
            "at 'entries.1.member.systemMetadata.deduplicationId' failed",
        ),
        (
            {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "x" * 1_048_576}]},
            "Total size of the entries in the request is 1048578 bytes",
        ),
    ],
)
def test_what_breaks_the_shape_of_the_request_fails_all_of_it(
    world: World, request_: Any, message: str
) -> None:
    code, status, text = refusal(world.buses.put_events, EventBusArn=world.bus(), **request_)

    assert (code, status) == ("InvalidInputException", 400)
    assert message in text


def test_metadata_keys_that_differ_in_case_only_are_refused_by_name(world: World) -> None:
    entry = {
        "Data": b"1",
        "Metadata": {"Tenant": "a", "tenant": "b"},
        "SystemMetadata": {"ContentType": "application/json"},
    }

    assert refusal(world.buses.put_raw_events, EventBusArn=world.bus(), Entries=[entry])[2] == (
        "Metadata keys must differ in more than case: Tenant, tenant"
    )


def test_a_bus_that_does_not_exist_fails_the_request(world: World) -> None:
    arn = world.bus()[:-1] + "_"
    assert refusal(world.buses.put_events, EventBusArn=arn, Entries=[])[0] == "InvalidInputException"
    arn = arn[:-25] + "0" * 25
    entry = {"Source": "shop", "DetailType": "placed"}

    assert refusal(world.buses.put_events, EventBusArn=arn, Entries=[entry])[:2] == (
        "ResourceNotFoundException",
        404,
    )


def test_an_event_of_a_known_id_is_taken_once_within_five_minutes(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)

    (first,) = world.put(bus, {"order": 1}, DeduplicationId="1")
    (again,) = world.put(bus, {"order": 2}, DeduplicationId="1")
    (other,) = world.put(bus, {"order": 3}, DeduplicationId="2")

    assert again == first | {"SuccessCode": "DEDUPLICATED"}
    assert other["SequenceNumber"] == "10000000000000002000"
    world.advance(301)
    assert world.put(bus, {"order": 4}, DeduplicationId="1")[0]["SuccessCode"] == "PUBLISHED"
    assert world.details() == [{"order": 1}, {"order": 3}, {"order": 4}]


def test_an_id_is_known_within_its_group_only(world: World) -> None:
    bus = world.bus()

    codes = [
        world.put(bus, {}, DeduplicationId="1", **group)[0]["SuccessCode"]
        for group in ({}, {"EventGroupId": "a"}, {"EventGroupId": "b"}, {"EventGroupId": "a"}, {})
    ]
    assert codes == ["PUBLISHED", "PUBLISHED", "PUBLISHED", "DEDUPLICATED", "DEDUPLICATED"]


def test_content_can_tell_duplicates_whatever_the_id_and_time_of_their_envelopes(world: World) -> None:
    bus = world.bus()
    how = {"DeduplicationConfiguration": {"DeduplicationType": "CONTENT_BASED"}}
    entry = {"Source": "shop", "DetailType": "placed", "Detail": '{"order":1}'}

    def put(**change: Any) -> Any:
        answer = world.buses.put_events(EventBusArn=bus, Entries=[entry | change], **how)
        return answer["Entries"][0]["SuccessCode"]

    assert put() == "PUBLISHED"
    assert put(Time=5) == "DEDUPLICATED"
    assert put(Detail='{"order":2}') == "PUBLISHED"
    assert put(SystemMetadata={"DeduplicationId": "an id counts more"}) == "PUBLISHED"


def test_a_thousand_subscribers_do_not_keep_the_answer_from_coming_after_the_deliveries(world: World) -> None:
    bus = world.bus()
    world.queue()
    for number in range(5):
        world.subscribe(bus, name=f"s{number}")

    world.put(bus, *({"order": number} for number in range(100)))

    assert len(world.bodies()) == 500
