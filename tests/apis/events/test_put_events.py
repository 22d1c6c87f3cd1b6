"""PutEvents on the wire, and what arrives at queues, topics and other buses."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.apis.events.refusals import refused

ORDERS = '{"source": ["shop"]}'


def an_entry(**changes: Any) -> dict[str, Any]:
    return {"Source": "shop", "DetailType": "Order", "Detail": '{"n": 1}', **changes}


def received(sqs: Any, url: str) -> list[dict[str, Any]]:
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages


def events_at(sqs: Any, url: str) -> list[dict[str, Any]]:
    return [json.loads(message["Body"]) for message in received(sqs, url)]


def route(events: Any, target: str, bus: str = "default", **options: Any) -> None:
    """Send what comes from the shop to a target."""
    events.put_rule(Name="r", EventBusName=bus, EventPattern=ORDERS)
    events.put_targets(Rule="r", EventBusName=bus, Targets=[{"Id": "t", "Arn": target, **options}])


def test_an_event_reaches_a_queue_in_its_envelope(
    events: Any, sqs: Any, account: str, make_queue: Any
) -> None:
    url, arn = make_queue()
    route(events, arn)

    answer = events.put_events(
        Entries=[an_entry(Time=datetime(2026, 11, 23, 12, 0, 0, 999, UTC), Resources=["arn:aws:s3:::b"])]
    )

    event_id = answer["Entries"][0]["EventId"]
    assert [message["Body"] for message in received(sqs, url)] == [
        (
            f'{{"version":"0","id":"{event_id}","detail-type":"Order","source":"shop","account":"{account}",'
            '"time":"2026-11-23T12:00:00Z","region":"us-east-1","resources":["arn:aws:s3:::b"],"detail":{"n":1}}'
        )
    ]


def test_the_answer_has_an_id_for_each_entry(events: Any) -> None:
    answer = events.put_events(Entries=[an_entry(), an_entry()])

    ids = {entry["EventId"] for entry in answer["Entries"]}
    assert (answer["FailedEntryCount"], len(ids)) == (0, 2)


def test_an_event_without_a_time_has_the_time_of_the_call(events: Any, sqs: Any, make_queue: Any) -> None:
    url, arn = make_queue()
    route(events, arn)
    events.put_events(Entries=[an_entry()])

    (event,) = events_at(sqs, url)

    age = datetime.now(UTC) - datetime.fromisoformat(event["time"])
    assert 0 <= age.total_seconds() < 60
    assert event["resources"] == []


def test_the_trace_header_arrives_as_a_system_attribute(events: Any, sqs: Any, make_queue: Any) -> None:
    url, arn = make_queue()
    route(events, arn)
    events.put_events(Entries=[an_entry(TraceHeader="Root=1-5759e988-bd862e3fe1be46a994272793")])

    (message,) = received(sqs, url)

    assert message["Attributes"]["AWSTraceHeader"] == "Root=1-5759e988-bd862e3fe1be46a994272793"


@pytest.mark.parametrize("by_arn", [False, True])
def test_an_entry_names_its_bus(events: Any, sqs: Any, make_queue: Any, by_arn: bool) -> None:
    url, arn = make_queue()
    bus = events.create_event_bus(Name="b")["EventBusArn"]
    route(events, arn, "b")

    events.put_events(Entries=[an_entry(), an_entry(EventBusName=bus if by_arn else "b", Detail='{"n":2}')])

    assert [event["detail"] for event in events_at(sqs, url)] == [{"n": 2}]


def test_an_event_for_a_bus_that_does_not_exist_is_lost_without_a_word(events: Any) -> None:
    answer = events.put_events(Entries=[an_entry(EventBusName="nowhere")])

    assert answer["FailedEntryCount"] == 0
    assert list(answer["Entries"][0]) == ["EventId"]


# Entries that fail


@pytest.mark.parametrize("name", ["Source", "DetailType", "Detail"])
@pytest.mark.parametrize("absent", [True, False])
def test_a_required_member_that_is_missing_or_empty_fails_its_entry(
    events: Any, name: str, absent: bool
) -> None:
    entry = an_entry(**{name: ""})
    if absent:
        del entry[name]

    answer = events.put_events(Entries=[entry])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"] == [
        {
            "ErrorCode": "InvalidArgument",
            "ErrorMessage": f"Parameter {name} is not valid. Reason: {name} is a required argument.",
        }
    ]


@pytest.mark.parametrize("detail", ['["list"]', '"text"', "5", "null", '{"not": closed mark"', "text"])
def test_a_detail_that_is_no_json_object_fails_its_entry(events: Any, detail: str) -> None:
    answer = events.put_events(Entries=[an_entry(Detail=detail)])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"] == [{"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}]


def test_a_source_of_aws_itself_fails_its_entry(events: Any) -> None:
    answer = events.put_events(Entries=[an_entry(Source="aws.ec2")])

    assert answer["Entries"] == [
        {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    ]


def test_a_detail_type_of_more_than_128_characters_fails_its_entry(events: Any) -> None:
    answer = events.put_events(Entries=[an_entry(DetailType="d" * 129), an_entry(DetailType="d" * 128)])

    assert [entry.get("ErrorCode") for entry in answer["Entries"]] == ["InvalidArgument", None]


def test_a_failed_entry_leaves_the_others_alone(events: Any, sqs: Any, make_queue: Any) -> None:
    url, arn = make_queue()
    route(events, arn)

    answer = events.put_events(Entries=[an_entry(Detail="{"), an_entry(Detail='{"n":2}')])

    assert [list(entry) for entry in answer["Entries"]] == [["ErrorCode", "ErrorMessage"], ["EventId"]]
    assert [event["detail"] for event in events_at(sqs, url)] == [{"n": 2}]


# Requests that fail as a whole


def test_entries_of_more_than_a_mebibyte_are_refused(events: Any) -> None:
    entries = [an_entry(Detail='{"a":"' + "x" * 524_288 + '"}')] * 2

    with refused("ValidationException", "Total size of the entries in the request is over the limit."):
        events.put_events(Entries=entries)


def test_entries_just_below_a_mebibyte_are_taken(events: Any) -> None:
    room = 1_048_576 - len("shop") - len("Order") - len('{"a":""}') - 14
    entry = an_entry(Time=0, Detail='{"a":"' + "x" * (room - 1) + '"}')

    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    with refused("ValidationException", "Total size of the entries in the request is over the limit."):
        events.put_events(Entries=[entry | {"Resources": ["x"]}])


def test_more_than_ten_entries_are_refused(events: Any) -> None:
    with pytest.raises(ClientError) as error:
        events.put_events(Entries=[an_entry()] * 11)

    assert error.value.response["Error"]["Code"] == "ValidationException"
    assert error.value.response["Error"]["Message"].startswith(
        "1 validation error detected: Value '[PutEventsRequestEntry(time=null, source=shop, resources=null, "
        'detailType=Order, detail={"n": 1}, eventBusName=null, traceHeader=null, kmsKeyIdentifier=null, '
        "internalMetadata=null), PutEventsRequestEntry("
    )


# Other accounts


def test_another_accounts_bus_takes_events_once_its_policy_admits_them(
    events: Any, sqs: Any, account: str, client_of: Any, make_queue: Any
) -> None:
    url, arn = make_queue()
    route(events, arn)
    theirs = client_of("events", "200000000001")
    entry = an_entry(EventBusName=f"arn:aws:events:us-east-1:{account}:event-bus/default")

    refusal = theirs.put_events(Entries=[entry])["Entries"][0]
    events.put_permission(Action="events:PutEvents", Principal="200000000001", StatementId="s")
    accepted = theirs.put_events(Entries=[entry])

    assert refusal["ErrorCode"] == "AccessDeniedException"
    assert accepted["FailedEntryCount"] == 0
    assert [event["account"] for event in events_at(sqs, url)] == ["200000000001"]


# Targets


def test_an_event_reaches_a_topic_and_its_subscribers(
    events: Any, sqs: Any, sns: Any, make_queue: Any
) -> None:
    url, arn = make_queue()
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    route(events, topic)

    events.put_events(Entries=[an_entry()])

    (envelope,) = events_at(sqs, url)
    assert json.loads(envelope["Message"])["detail"] == {"n": 1}


def test_an_event_reaches_another_bus(events: Any, sqs: Any, make_queue: Any) -> None:
    url, arn = make_queue()
    bus = events.create_event_bus(Name="b")["EventBusArn"]
    route(events, bus)
    route(events, arn, "b")

    event_id = events.put_events(Entries=[an_entry()])["Entries"][0]["EventId"]

    assert [event["id"] for event in events_at(sqs, url)] == [event_id]


def test_an_event_reaches_a_fifo_queue_in_its_message_group(events: Any, sqs: Any, make_queue: Any) -> None:
    url, arn = make_queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    route(events, arn, SqsParameters={"MessageGroupId": "g"})
    events.put_events(Entries=[an_entry()])

    (message,) = received(sqs, url)

    assert message["Attributes"]["MessageGroupId"] == "g"


def test_an_event_reaches_a_fair_queue_in_its_message_group(events: Any, sqs: Any, make_queue: Any) -> None:
    url, arn = make_queue()
    route(events, arn, SqsParameters={"MessageGroupId": "tenant"})
    events.put_events(Entries=[an_entry()])

    (message,) = received(sqs, url)

    assert message["Attributes"]["MessageGroupId"] == "tenant"


def test_a_target_receives_what_its_transformer_makes(events: Any, sqs: Any, make_queue: Any) -> None:
    url, arn = make_queue()
    transformer = {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"number": <n>}'}
    route(events, arn, InputTransformer=transformer)

    events.put_events(Entries=[an_entry()])

    assert events_at(sqs, url) == [{"number": 1}]


def test_an_event_that_does_not_match_is_not_delivered(events: Any, sqs: Any, make_queue: Any) -> None:
    url, arn = make_queue()
    route(events, arn)

    events.put_events(Entries=[an_entry(Source="warehouse")])

    assert received(sqs, url) == []


def test_an_event_for_a_queue_that_is_gone_goes_to_the_dead_letter_queue(
    events: Any, sqs: Any, account: str, make_queue: Any
) -> None:
    url, arn = make_queue("dead")
    gone = f"arn:aws:sqs:us-east-1:{account}:gone"
    route(events, gone, DeadLetterConfig={"Arn": arn}, RetryPolicy={"MaximumRetryAttempts": 0})
    events.put_events(Entries=[an_entry()])

    (message,) = received(sqs, url)

    assert json.loads(message["Body"])["detail"] == {"n": 1}
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "RULE_ARN": f"arn:aws:events:us-east-1:{account}:rule/r",
        "TARGET_ARN": gone,
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": "The target does not exist.",
        "RETRY_ATTEMPTS": "0",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
    }
