"""What each kind of target gets, how many events at a time, and what becomes of what it does not take."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.apis.eventbridgev2.conftest import ARN, ROLE, World

RUNNING = {"State": "RUNNING"}


def captured(world: World) -> list[Any]:
    return world.emulator.outbox()


def test_a_queue_gets_the_ids_attributes_and_delay_of_its_parameters(world: World) -> None:
    bus = world.bus()
    world.queue()
    parameters = {
        "DelaySeconds": "5",
        "MessageAttributes": {
            "kind": {"DataType": "String", "StringValue": "{% $events.SystemMetadata.`aws:DetailType` %}"},
            "photo": {"DataType": "Binary", "BinaryValue": "AAE="},
        },
    }
    world.subscribe(bus, Invoke={"SqsParameters": parameters})

    world.put(bus, {"order": 1})

    world.emulator.wait("q", matching="state == 'delayed'")
    world.advance(5)
    (message,) = world.messages()
    assert message["MessageAttributes"] == {
        "kind": {"DataType": "String", "StringValue": "placed"},
        "photo": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
    }


def test_a_fifo_queue_keeps_the_order_of_what_goes_to_it(world: World) -> None:
    bus = world.bus()
    target = world.queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    world.subscribe(bus, target=target, Type="FIFO", Invoke={"SqsParameters": {"MessageGroupId": "all"}})

    for number in range(25):
        world.put(bus, {"n": number}, EventGroupId="g")

    assert [detail["n"] for detail in world.details("q.fifo")] == list(range(25))


def test_a_topic_publishes_what_it_gets_with_a_subject_where_there_is_one(world: World) -> None:
    bus = world.bus()
    sns = world.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=world.queue())
    world.subscribe(bus, "plain", topic)
    world.subscribe(bus, "named", topic, Invoke={"SnsParameters": {"Subject": "news"}})

    world.put_raw(bus, b'{"order": 1}')

    notifications = [json.loads(body) for body in world.bodies()]
    assert [(one["Message"], one.get("Subject")) for one in notifications] == [
        ('{"order": 1}', None),
        ('{"order": 1}', "news"),
    ]


def test_a_function_gets_a_list_unless_its_batches_have_one_event(world: World) -> None:
    bus = world.bus()
    events: list[Any] = []
    world.emulator.on_lambda("f", lambda event, _context: events.append(event))
    world.subscribe(bus, "many", ARN("lambda", "function:f"), BatchConfiguration={"MaxBatchSize": 3})
    world.subscribe(bus, "one", ARN("lambda", "function:f"), BatchConfiguration={"MaxBatchSize": 1})

    world.put_raw(bus, b"1", b"2", b"3", b"4")
    for name in ("many", "one"):
        world.emulator.wait(subscriber=name)

    lists = [event for event in events if isinstance(event, list)]
    assert [one for event in lists for one in event] == [1, 2, 3, 4]
    assert max(map(len, lists)) == 3
    assert [event for event in events if not isinstance(event, list)] == [1, 2, 3, 4]


def test_only_the_events_that_a_function_names_are_delivered_again(world: World) -> None:
    bus = world.bus()
    batches: list[Any] = []

    def handle(event: Any, _context: Any) -> Any:
        batches.append([one["Data"] for one in event])
        failed = [one for one in event if one["Data"] == 2 and len(batches) == 1]
        identifiers = [one["SystemMetadata"]["aws:EventId"] for one in failed]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in identifiers]}

    world.emulator.on_lambda("f", handle)
    world.subscribe(bus, "s", ARN("lambda", "function:f"), Transformer={"Type": "WITH_METADATA"})

    world.put_raw(bus, b"1", b"2", b"3")
    world.emulator.wait(trace=True, matching="verb == 'attempted'")
    world.advance(5)
    world.emulator.wait(subscriber="s")

    assert batches == [[1, 2, 3], [2]]


def test_a_function_that_nobody_waits_for_is_tried_again_by_lambdas_rules(world: World) -> None:
    bus = world.bus()

    def fail(_event: Any, _context: Any) -> None:
        raise ValueError("no")

    world.emulator.on_lambda("f", fail)
    invoke = {"LambdaParameters": {"InvocationType": "EVENT"}}
    world.subscribe(bus, "s", ARN("lambda", "function:f"), Invoke=invoke)

    world.put_raw(bus, b"1")

    world.emulator.wait(subscriber="s")
    assert world.emulator.look("subscribers")[0].lag == 0


def test_what_nothing_runs_or_serves_here_is_captured(world: World) -> None:
    bus = world.bus()
    step = ARN("states", "stateMachine:m")
    for name, target, invoke in (
        ("lambda", ARN("lambda", "function:none"), {}),
        ("kinesis", ARN("kinesis", "stream/clicks"), {"KinesisParameters": {"PartitionKey": "k"}}),
        ("firehose", ARN("firehose", "deliverystream/lake"), {}),
        ("states", step, {"StepFunctionsParameters": {"InvocationType": "EVENT", "Name": "run"}}),
        (
            "http",
            ARN("execute-api", "id/prod/POST/orders"),
            {"HttpParameters": {"HeaderParameters": {"a": "b"}}},
        ),
        (
            "kafka",
            ARN("kafka", "cluster/c/1"),
            {"MskParameters": {"TopicName": "t", "Connectivity": "PUBLIC", "PartitionKey": "k"}},
        ),
        (
            "universal",
            "arn:aws:events:::aws-sdk:ec2:stopInstances",
            {"UniversalTargetParameters": {"Input": '{"InstanceIds": ["i-1"]}'}},
        ),
    ):
        world.subscribe(bus, name, target, Invoke=invoke, BatchConfiguration={"MaxBatchSize": 2})

    world.put_raw(bus, b'{"order": 1}')
    world.emulator.wait(outbox=True, count=7)

    found = {one.source.split("/")[1]: (one.service, json.loads(one.payload)) for one in captured(world)}
    order = '{"order": 1}'
    assert found == {
        "lambda": ("lambda", [{"order": 1}]),
        "kinesis": (
            "kinesis",
            {"PartitionKey": "k", "StreamARN": ARN("kinesis", "stream/clicks"), "Data": order},
        ),
        "firehose": ("firehose", {"DeliveryStreamName": "lake", "Record": {"Data": order}}),
        "states": ("sfn", {"Name": "run", "StateMachineArn": step, "Input": f"[{order}]"}),
        "http": ("execute-api", [{"order": 1}]),
        "kafka": (
            "kafka",
            {
                "TopicName": "t",
                "PartitionKey": "k",
                "ClusterArn": ARN("kafka", "cluster/c/1"),
                "Headers": {},
                "Value": order,
            },
        ),
        "universal": ("ec2", {"InstanceIds": ["i-1"]}),
    }


def test_a_universal_target_calls_what_is_served_here_once_for_a_batch(world: World) -> None:
    bus = world.bus()
    world.queue()
    text = "{% {'QueueUrl': 'http://localhost:4566/000000000000/q', 'MessageBody': $string($sum($events.Data))} %}"
    invoke = {"UniversalTargetParameters": {"Input": text}}
    world.subscribe(
        bus,
        "s",
        "arn:aws:events:::aws-sdk:sqs:sendMessage",
        Invoke=invoke,
        BatchConfiguration={"MaxBatchSize": 10},
    )

    world.put_raw(bus, b"1", b"2", b"3")

    world.emulator.wait("q")
    assert world.bodies() == ["6"]


def test_a_classic_bus_gets_an_envelope_as_the_event_that_it_is(world: World) -> None:
    bus = world.bus()
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": [{"prefix": "shop"}]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": world.queue()}])
    world.subscribe(bus, "s", ARN("events", "event-bus/default"))

    world.put(bus, {"order": 1})
    world.put_raw(bus, b'{"order": 2}', b"[3]")

    bodies = [json.loads(body) for body in world.bodies()]
    assert [(one["source"], one["detail-type"], one["detail"]) for one in bodies] == [
        ("shop", "placed", {"order": 1}),
        ("shop", "application/json", {"order": 2}),
        ("shop", "application/json", {"data": [3]}),
    ]


def test_a_rule_of_a_classic_bus_can_send_to_a_custom_one(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus)
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": bus}])

    events.put_events(Entries=[{"Source": "shop", "DetailType": "placed", "Detail": '{"order": 1}'}])

    assert world.details() == [{"order": 1}]


def test_another_custom_bus_gets_metadata_and_ids_as_they_are_set(world: World) -> None:
    bus, other = world.bus(), world.bus("other")
    world.queue()
    world.subscribe(other, "out", Transformer={"Type": "WITH_METADATA"})
    parameters = {
        "Metadata": {"from": "shop"},
        "SystemMetadata": {"EventGroupId": "{% $events.Data.customer %}", "DeduplicationId": "d"},
    }
    world.subscribe(bus, "s", other, Invoke={"EventBusV2Parameters": parameters})

    (put,) = world.put_raw(bus, b'{"customer": "ada"}')

    world.emulator.wait("q")
    (event,) = [json.loads(body) for body in world.bodies()]
    assert (event["Data"], event["Metadata"]) == ({"customer": "ada"}, {"from": "shop"})
    said = event["SystemMetadata"]
    assert (said["EventGroupId"], said["DeduplicationId"]) == ("ada", "d")
    assert said["aws:EventId"] != put["EventId"]


def test_an_event_does_not_come_back_to_a_bus_that_it_has_passed(world: World) -> None:
    bus, other = world.bus(), world.bus("other")
    dead = world.queue("dead")
    world.subscribe(bus, "there", other)
    world.subscribe(
        other,
        "back",
        bus,
        OnFailureConfiguration={"Arn": dead},
        RetryPolicy={"MaxRetryAttempts": 0, "MaxEventAgeInSeconds": 60},
    )

    world.put(bus, {})

    (letter,) = world.messages("dead")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "LOOP_DETECTED"
    assert [one.events for one in world.emulator.look("custom_buses")] == [1, 1]


@pytest.mark.parametrize("attempts", [0, 2])
def test_what_a_target_does_not_take_ends_in_the_dead_letter_queue_without_its_data(
    world: World, attempts: int
) -> None:
    bus = world.bus()
    dead = world.queue("dead")
    arn = world.subscribe(
        bus,
        target=ARN("sqs", "none"),
        OnFailureConfiguration={"Arn": dead},
        RetryPolicy={"MaxRetryAttempts": attempts, "MaxEventAgeInSeconds": 300},
    )

    entries = world.put(bus, {"order": 1}, {"order": 2}, EventGroupId="g")
    world.advance(60)

    (letter,) = world.messages("dead")
    body = json.loads(letter["Body"])
    assert body.pop("id") == entries[0]["EventId"]
    message = (
        f"EventBridge could not access {ARN('sqs', 'none')}. Check that it exists and that its policy allows "
        "the EventBridge service principal access."
    )
    assert body == {
        "version": "1.0",
        "busArn": bus,
        "subscriberArn": arn,
        "targetArn": ARN("sqs", "none"),
        "errorCode": "ACCESS_DENIED",
        "errorMessage": message,
        "exhaustedRetryCondition": "MaximumRetryAttempts",
        "retryAttempts": attempts,
        "failedMessages": [
            {
                "eventId": entry["EventId"],
                "eventGroupId": "g",
                "deduplicationId": None,
                "timestamp": "2026-01-01T12:00:01.000Z",
                "targetRequestId": None,
            }
            for entry in entries
        ],
    }
    said = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert said == {
        "ERROR_CODE": "ACCESS_DENIED",
        "ERROR_MESSAGE": message,
        "SUBSCRIBER_ARN": arn,
        "TARGET_ARN": ARN("sqs", "none"),
        "BUS_ARN": bus,
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": str(attempts),
    }


def test_a_target_that_comes_to_be_gets_what_was_tried_before(world: World) -> None:
    bus = world.bus()
    world.subscribe(bus)
    world.put(bus, {"order": 1})
    world.queue()
    assert world.details() == []

    world.advance(10)

    assert world.details() == [{"order": 1}]


def test_a_batch_waits_for_its_window_or_until_it_is_full(world: World) -> None:
    bus = world.bus()
    world.queue()
    world.subscribe(bus, BatchConfiguration={"MaxBatchSize": 3, "MaxBatchWindowInSeconds": 30})

    world.put(bus, {"n": 1}, {"n": 2})
    assert world.details() == []
    world.put(bus, {"n": 3})
    assert world.details() == [{"n": 1}, {"n": 2}, {"n": 3}]
    world.put(bus, {"n": 4})
    world.advance(29)
    assert world.details() == []
    world.advance(1)
    assert world.details() == [{"n": 4}]


def test_of_a_batch_in_order_only_the_group_of_what_failed_is_kept_back(world: World) -> None:
    bus = world.bus()
    dead = world.queue("dead")
    target = world.queue("q.fifo", FifoQueue="true")
    # Without an id, and a queue that takes no digest for one, the first of the group is refused.
    group, unique = (
        "{% $events.SystemMetadata.EventGroupId %}",
        "{% $events.SystemMetadata.DeduplicationId %}",
    )
    world.subscribe(
        bus,
        target=target,
        Type="FIFO",
        Invoke={"SqsParameters": {"MessageGroupId": group, "MessageDeduplicationId": unique}},
        RetryPolicy={"MaxRetryAttempts": 0, "MaxEventAgeInSeconds": 60},
        OnFailureConfiguration={"Arn": dead},
        BatchConfiguration={"MaxBatchSize": 10, "MaxBatchWindowInSeconds": 5},
    )

    world.put(bus, {"n": 1}, EventGroupId="a")
    world.put(bus, {"n": 2}, EventGroupId="a", DeduplicationId="2")
    world.put(bus, {"n": 3}, EventGroupId="b", DeduplicationId="3")
    world.advance(5)

    world.emulator.wait("q.fifo", count=2)
    assert sorted(detail["n"] for detail in world.details("q.fifo")) == [2, 3]
    (letter,) = world.messages("dead")
    (failed,) = json.loads(letter["Body"])["failedMessages"]
    assert (failed["eventGroupId"], failed["deduplicationId"]) == ("a", None)


def test_filters_look_at_data_metadata_and_system_metadata(world: World) -> None:
    bus = world.bus()
    world.queue()
    filters = {
        "data": [("DATA", '{"price": [{"numeric": [">", 10]}]}')],
        "metadata": [("METADATA", '{"tenant": ["a", "b"]}')],
        "system": [("SYSTEM_METADATA", '{"EventGroupId": [{"exists": true}]}')],
        "all": [("DATA", '{"price": [20]}'), ("METADATA", '{"tenant": ["a"]}')],
        "absent": [("DATA", '{"nothing": [{"exists": false}]}')],
    }
    arns = {
        name: world.subscribe(
            bus,
            name,
            FilterConfiguration={"Filters": [{"Scope": scope, "Pattern": text} for scope, text in scopes]},
        )
        for name, scopes in filters.items()
    }

    def matched(event_id: str) -> list[str]:
        return [
            name for name, arn in arns.items() if world.emulator.trace(event_id, resource=arn, verb="matched")
        ]

    (first,) = world.put_raw(bus, b'{"price": 20}', metadata={"tenant": "a"})
    (second,) = world.put_raw(bus, b'{"price": 5}', metadata={"tenant": "b"}, EventGroupId="g")
    (third,) = world.put_raw(bus, b"\x00", kind="application/octet-stream", metadata={"tenant": "a"})
    (fourth,) = world.put(bus, {"price": 20})

    assert matched(first["EventId"]) == ["data", "metadata", "all", "absent"]
    assert matched(second["EventId"]) == ["metadata", "system", "absent"]
    assert matched(third["EventId"]) == ["metadata"]
    assert matched(fourth["EventId"]) == ["absent"]
    verdicts = {one.resource: one for one in world.emulator.explain(first["EventId"])}
    assert verdicts[arns["data"]].matches
    assert (verdicts[arns["system"]].matches, verdicts[arns["system"]].why) == (
        False,
        "SystemMetadata.EventGroupId: found nothing, wanted a value to be there",
    )


def test_an_event_that_comes_back_through_a_classic_bus_is_found_out(world: World) -> None:
    bus = world.bus()
    world.queue("dead")
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    target = {"Id": "1", "Arn": bus, "DeadLetterConfig": {"Arn": ARN("sqs", "dead")}}
    events.put_targets(Rule="r", Targets=[target])
    world.subscribe(bus, "s", ARN("events", "event-bus/default"))

    world.put(bus, {"order": 1})

    (letter,) = world.messages("dead")
    said = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert (said["ERROR_CODE"], said["ERROR_MESSAGE"]) == (
        "LOOP_DETECTED",
        "an event can be sent to the same event bus target only once",
    )
    assert [one.events for one in world.emulator.look("custom_buses")] == [1]


def test_an_event_of_a_classic_bus_does_not_go_back_there(world: World) -> None:
    bus = world.bus()
    events = world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": bus}])
    world.subscribe(bus, "s", ARN("events", "event-bus/default"))

    events.put_events(Entries=[{"Source": "shop", "DetailType": "placed", "Detail": "{}"}])

    assert [one.events for one in world.emulator.look("custom_buses")] == [1]
    assert [record.why for record in world.emulator.trace(verb="dropped")] == ["it comes from there"]


def test_an_api_destination_gets_a_request_for_each_batch_with_its_credentials(world: World) -> None:
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((self.path, self.headers["key"], self.headers["x-kind"], json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    bus, events = world.bus(), world.client("events")
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        connection = events.create_connection(
            Name="c",
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "key", "ApiKeyValue": "value"}},
        )["ConnectionArn"]
        destination = events.create_api_destination(
            Name="d",
            ConnectionArn=connection,
            InvocationEndpoint=f"http://127.0.0.1:{server.server_port}/*",
            HttpMethod="POST",
        )["ApiDestinationArn"]
        parameters = {"PathParameterValues": ["orders"], "HeaderParameters": {"x-kind": "{% 'new' %}"}}
        world.advance(1)
        world.subscribe(bus, "s", destination, Invoke={"HttpParameters": parameters})

        world.put_raw(bus, b"1", b"2")
        world.emulator.wait(subscriber="s")
        server.shutdown()
        thread.join()

    assert received == [("/orders", "value", "new", [1, 2])]


@pytest.mark.parametrize("looked", [True, False])
def test_a_bus_that_is_gone_is_no_target_of_a_rule_whether_somebody_has_looked_or_not(
    world: World, looked: bool
) -> None:
    bus, events = world.bus(), world.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    letters = {"DeadLetterConfig": {"Arn": world.queue("dead")}}
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": bus, "RoleArn": ROLE, **letters}])
    world.buses.delete_event_bus(EventBusArn=bus)
    world.advance(1)
    if looked:
        assert world.buses.list_event_buses()["EventBuses"] == []

    events.put_events(Entries=[{"Source": "shop", "DetailType": "placed", "Detail": "{}"}])

    (letter,) = world.messages("dead")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"
