"""Event source mappings: how they are set, which states they pass, and what is refused."""

from typing import Any

import pytest
from botocore.config import Config

from tests.apis.awslambda.conftest import ARN, FUNCTION, QUEUE, START, World, refusal

INVALID = "InvalidParameterValueException"


@pytest.fixture
def ready(world: World) -> World:
    """A world with a queue and a function."""
    world.run()
    world.queue()
    return world


def shown(mapping: Any) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name != "ResponseMetadata"}


def test_a_new_mapping_shows_just_what_aws_shows(ready: World) -> None:
    mapping = ready.map()

    assert mapping["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert mapping["LastModified"].timestamp() == START
    uuid = mapping["UUID"]
    assert shown(mapping) == {
        "UUID": uuid,
        "BatchSize": 10,
        "EventSourceArn": QUEUE,
        "EventSourceMappingArn": ARN("lambda", f"event-source-mapping:{uuid}"),
        "FunctionArn": FUNCTION,
        "FunctionResponseTypes": [],
        "LastModified": mapping["LastModified"],
        "MaximumBatchingWindowInSeconds": 0,
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }


def test_all_settings_are_kept_and_changed_one_by_one(ready: World) -> None:
    pattern = '{"body": {"a": [1]}}'
    mapping = ready.map(
        BatchSize=100,
        MaximumBatchingWindowInSeconds=30,
        FilterCriteria={"Filters": [{"Pattern": pattern}]},
        ScalingConfig={"MaximumConcurrency": 7},
        FunctionResponseTypes=["ReportBatchItemFailures"],
        KMSKeyArn=ARN("kms", "key/1"),
        MetricsConfig={"Metrics": ["EventCount"]},
        Tags={"team": "a"},
    )
    ready.advance(1)
    uuid = mapping["UUID"]
    changed = ready.functions.update_event_source_mapping(UUID=uuid, BatchSize=20)

    assert (changed["BatchSize"], changed["MaximumBatchingWindowInSeconds"]) == (20, 30)
    assert changed["FilterCriteria"] == {"Filters": [{"Pattern": pattern}]}
    assert changed["ScalingConfig"] == {"MaximumConcurrency": 7}
    assert changed["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (changed["KMSKeyArn"], changed["MetricsConfig"]) == (
        ARN("kms", "key/1"),
        {"Metrics": ["EventCount"]},
    )
    ready.advance(1)
    bare = ready.functions.update_event_source_mapping(
        UUID=uuid, FilterCriteria={}, ScalingConfig={}, FunctionResponseTypes=[]
    )
    assert {"FilterCriteria", "ScalingConfig"} & bare.keys() == set()
    assert bare["FunctionResponseTypes"] == []


def test_a_mapping_passes_its_states_as_the_clock_moves(ready: World) -> None:
    uuid = ready.map()["UUID"]
    states = [_state(ready, uuid)]
    for changes in ({"Enabled": False}, {"Enabled": True}, {"BatchSize": 5}):
        ready.advance(1)
        states.append(_state(ready, uuid))
        states.append(ready.functions.update_event_source_mapping(UUID=uuid, **changes)["State"])
    ready.advance(1)
    states.append(ready.functions.delete_event_source_mapping(UUID=uuid)["State"])
    states.append(_state(ready, uuid))
    ready.advance(1)

    assert states == [
        "Creating",
        *("Enabled", "Disabling", "Disabled", "Enabling", "Enabled", "Updating"),
        *("Deleting", "Deleting"),
    ]
    assert refusal(ready.functions.get_event_source_mapping, UUID=uuid) == (
        "ResourceNotFoundException",
        404,
        "The resource you requested does not exist.",
    )


def _state(world: World, uuid: str) -> Any:
    return world.functions.get_event_source_mapping(UUID=uuid)["State"]


def test_a_mapping_made_disabled_is_disabled_at_once_and_receives_nothing(ready: World) -> None:
    mapping = ready.map(Enabled=False)
    ready.send("x")

    assert (mapping["State"], ready.held(), ready.events) == ("Disabled", ["x"], [])
    ready.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    ready.advance(0)
    assert ready.batches() == [["x"]]


def test_a_disabled_mapping_receives_no_more(ready: World) -> None:
    uuid = ready.map()["UUID"]
    ready.advance(1)
    ready.functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    ready.send("x")

    assert (ready.held(), ready.events) == (["x"], [])


def test_a_change_under_way_keeps_others_away(ready: World) -> None:
    uuid = ready.map()["UUID"]

    assert refusal(ready.functions.update_event_source_mapping, UUID=uuid, BatchSize=1) == (
        "ResourceInUseException",
        400,
        "Cannot update the event source mapping because it is in use.",
    )
    assert refusal(ready.functions.delete_event_source_mapping, UUID=uuid) == (
        "ResourceInUseException",
        400,
        "Cannot delete the event source mapping because it is in use.",
    )


def test_a_mapping_can_change_its_function(ready: World) -> None:
    ready.run("other")
    uuid = ready.map(function="orders")["UUID"]
    ready.advance(1)

    changed = ready.functions.update_event_source_mapping(UUID=uuid, FunctionName="other")

    assert changed["FunctionArn"] == ARN("lambda", "function:other")


def test_a_mapping_stays_when_its_function_is_deleted(world: World) -> None:
    world.create(Timeout=30)
    world.queue()
    uuid = world.map()["UUID"]
    world.functions.delete_function(FunctionName="orders")
    world.advance(1)

    assert _state(world, uuid) == "Enabled"


def test_mappings_are_listed_by_queue_and_function_in_pages(ready: World) -> None:
    ready.run("other")
    ready.queue("r")
    made = [ready.map()["UUID"], ready.map(function="other")["UUID"], ready.map("r")["UUID"]]

    def listed(**chosen: Any) -> set[str]:
        found = ready.functions.list_event_source_mappings(**chosen)["EventSourceMappings"]
        return {mapping["UUID"] for mapping in found}

    assert listed() == set(made)
    assert listed(EventSourceArn=QUEUE) == set(made[:2])
    assert listed(FunctionName="orders") == {made[0], made[2]}
    assert listed(EventSourceArn=QUEUE, FunctionName=FUNCTION) == {made[0]}
    pages = ready.functions.get_paginator("list_event_source_mappings").paginate(
        PaginationConfig={"PageSize": 1}
    )
    assert sorted(one["UUID"] for page in pages for one in page["EventSourceMappings"]) == sorted(made)


@pytest.mark.parametrize(
    ("named", "arn"),
    [
        ("orders", FUNCTION),
        (FUNCTION, FUNCTION),
        ("000000000000:function:orders", FUNCTION),
        ("orders:live", f"{FUNCTION}:live"),
        ("orders:1", f"{FUNCTION}:1"),
        (f"{FUNCTION}:live", f"{FUNCTION}:live"),
        ("000000000000:function:orders:$LATEST", f"{FUNCTION}:$LATEST"),
    ],
)
def test_a_function_has_many_names(world: World, named: str, arn: str) -> None:
    world.create(Publish=True)
    world.functions.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    world.queue()

    assert world.map(function=named)["FunctionArn"] == arn


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (
            {"BatchSize": 11},
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ),
        ({"FunctionName": "missing"}, "Function does not exist"),
        (
            {"EventSourceArn": ARN("sqs", "missing")},
            (
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
                "SQS Error Message: The specified queue does not exist."
            ),
        ),
        (
            {"EventSourceArn": ARN("sqs", "q.fifo"), "MaximumBatchingWindowInSeconds": 1, "BatchSize": 100},
            "Batching window is not supported for FIFO queues",
        ),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}},
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ),
        (
            {"StartingPosition": "LATEST"},
            "Unsupported StartingPosition parameter for given event source mapping type.",
        ),
        *(
            ({"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}, "Invalid filter pattern definition.")
            for pattern in ("null", "text", '{"eventSource":"aws:sqs"}', '{"eventSource":[]}')
        ),
        (
            {
                "ScalingConfig": {"MaximumConcurrency": 2},
                "ProvisionedPollerConfig": {"MinimumPollers": 2},
            },
            "MaximumConcurrency and ProvisionedPollerConfig cannot be used together.",
        ),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(ready: World, settings: dict[str, Any], text: str) -> None:
    ready.queue("q.fifo", FifoQueue="true")
    wanted = {"EventSourceArn": QUEUE, "FunctionName": "orders", **settings}

    assert refusal(ready.functions.create_event_source_mapping, **wanted) == (INVALID, 400, text)


OTHERS: dict[str, Any] = {
    "ParallelizationFactor": 2,
    "StartingPosition": "LATEST",
    "StartingPositionTimestamp": START,
    "DestinationConfig": {},
    "MaximumRecordAgeInSeconds": 60,
    "BisectBatchOnFunctionError": True,
    "MaximumRetryAttempts": 1,
    "TumblingWindowInSeconds": 10,
    "Topics": ["orders"],
    "Queues": ["q"],
    "SourceAccessConfigurations": [],
    "AmazonManagedKafkaEventSourceConfig": {},
    "SelfManagedKafkaEventSourceConfig": {},
    "DocumentDBEventSourceConfig": {},
}


@pytest.mark.parametrize("member", OTHERS)
def test_what_is_for_other_sources_is_refused(ready: World, member: str) -> None:
    assert refusal(ready.map, **{member: OTHERS[member]}) == (
        INVALID,
        400,
        f"Unsupported {member} parameter for given event source mapping type.",
    )


def test_what_has_no_effect_is_kept(ready: World) -> None:
    given: dict[str, Any] = {
        "ProvisionedPollerConfig": {"MinimumPollers": 2},
        "LoggingConfig": {"SystemLogLevel": "DEBUG"},
    }
    mapping = ready.map(**given)

    assert {name: mapping[name] for name in given if name in mapping} == given


def test_a_mapping_needs_a_source(ready: World) -> None:
    call = ready.functions.create_event_source_mapping
    assert refusal(call, FunctionName="orders") == (INVALID, 400, "Unrecognized event source.")


def test_sources_that_are_no_queues_are_not_emulated(ready: World) -> None:
    call = ready.functions.create_event_source_mapping
    stream = ARN("kinesis", "stream/s")
    assert refusal(call, FunctionName="orders", EventSourceArn=stream) == (
        "NotImplemented",
        501,
        "Event source mappings of kinesis are not emulated; those of SQS queues are.",
    )
    source = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["host:9092"]}}
    assert refusal(call, FunctionName="orders", SelfManagedEventSource=source)[:2] == ("NotImplemented", 501)


def test_a_second_mapping_of_the_same_two_is_refused(ready: World) -> None:
    uuid = ready.map()["UUID"]

    assert refusal(ready.map) == (
        "ResourceConflictException",
        409,
        (
            f'An event source mapping with SQS arn (" {QUEUE} ") and function (" orders ") already exists. '
            f"Please update or delete the existing mapping with UUID {uuid}"
        ),
    )


def test_a_queue_may_not_give_messages_out_again_before_the_function_times_out(world: World) -> None:
    world.create(Timeout=60)
    world.queue()

    assert refusal(world.map) == (
        INVALID,
        400,
        "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
    )


def test_constraints_of_the_model_are_checked(ready: World) -> None:
    unchecked = ready.emulator.client("lambda", config=Config(parameter_validation=False))
    code, status, text = refusal(
        unchecked.create_event_source_mapping,
        FunctionName="orders",
        EventSourceArn=QUEUE,
        ScalingConfig={"MaximumConcurrency": 1},
    )

    assert (code, status) == ("ValidationException", 400)
    assert text == (
        "1 validation error detected: Value '1' at 'scalingConfig.maximumConcurrency' failed to satisfy "
        "constraint: Member must have value greater than or equal to 2"
    )


def test_mappings_have_tags(ready: World) -> None:
    arn = ready.map(Tags={"team": "a"})["EventSourceMappingArn"]
    ready.functions.tag_resource(Resource=arn, Tags={"cost": "b"})
    ready.functions.untag_resource(Resource=arn, TagKeys=["team"])

    assert ready.functions.list_tags(Resource=arn)["Tags"] == {"cost": "b"}
    missing = ARN("lambda", "event-source-mapping:00000000-0000-4000-8000-000000000000")
    assert refusal(ready.functions.list_tags, Resource=missing) == (
        "ResourceNotFoundException",
        404,
        f"Event source mapping not found: {missing}",
    )


def test_mappings_can_be_looked_at(ready: World) -> None:
    mapping = ready.map(BatchSize=3)

    (view,) = ready.emulator.look("mappings")
    assert (view.arn, view.queue, view.function) == (mapping["EventSourceMappingArn"], QUEUE, FUNCTION)
    assert (view.state, view.batch_size, view.under_way) == ("Creating", 3, 0)


def test_mappings_and_functions_are_part_of_the_state(ready: World) -> None:
    ready.create(Timeout=20)
    ready.map(FilterCriteria={"Filters": [{"Pattern": '{"body": ["x"]}'}]})
    document = ready.emulator.export_state()
    ready.emulator.reset()

    ready.emulator.import_state(document)
    ready.send("x", "y")

    assert ready.batches() == [["x"]]
    assert ready.held() == []
    assert ready.functions.get_function(FunctionName="orders")["Configuration"]["Timeout"] == 20


def test_a_reset_of_lambda_alone_leaves_the_queue(ready: World) -> None:
    ready.map()
    ready.emulator.reset(service="lambda")
    ready.send("x")

    assert (ready.held(), ready.events, ready.emulator.look("mappings")) == (["x"], [], [])
