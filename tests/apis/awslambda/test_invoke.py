"""Invoke in its three types: what is answered of a function that returns, fails, is throttled or is not there."""

import base64
from typing import Any

import pytest

from tests.apis.awslambda.conftest import FUNCTION, World, payload, refusal


def test_an_invocation_is_waited_for(world: World) -> None:
    world.run()
    world.answers = [lambda event: {"sum": event["a"] + event["b"]}]

    answer = world.functions.invoke(FunctionName="orders", Payload=b'{"a": 1, "b": 2}')

    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert payload(answer) == {"sum": 3}


def test_a_function_that_returns_nothing_returns_null_and_without_a_payload_sees_an_empty_object(
    world: World,
) -> None:
    world.run()

    answer = world.functions.invoke(FunctionName="orders")

    assert (answer["Payload"].read(), world.events) == (b"null", [{}])


def test_a_function_that_failed_is_answered_with_200_and_says_why(world: World) -> None:
    world.run()
    world.answers = [KeyError("price")]

    answer = world.functions.invoke(FunctionName="orders")

    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    said = payload(answer)
    assert (said["errorType"], said["errorMessage"]) == ("KeyError", "'price'")
    assert said.keys() == {"errorType", "errorMessage", "requestId", "stackTrace"}


def test_a_result_that_is_no_json_is_a_failure(world: World) -> None:
    world.run()
    world.answers = [{"a": object()}]

    assert payload(world.functions.invoke(FunctionName="orders"))["errorType"] == "Runtime.MarshalError"


def test_the_tail_of_the_log_tells_the_request(world: World) -> None:
    world.run()
    answer = world.functions.invoke(FunctionName="orders", LogType="Tail")

    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert [line.split()[0] for line in lines] == ["START", "END", "REPORT"]
    assert "LogResult" not in world.functions.invoke(FunctionName="orders")


def test_an_event_is_taken_and_not_waited_for(world: World) -> None:
    world.run()
    answer = world.functions.invoke(FunctionName="orders", InvocationType="Event", Payload=b'{"n": 1}')
    world.advance(0)

    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    assert "ExecutedVersion" not in answer
    assert world.events == [{"n": 1}]


def test_the_old_operation_for_events_works_too(world: World) -> None:
    world.run()
    answer = world.functions.invoke_async(FunctionName="orders", InvokeArgs=b'{"n": 1}')
    world.advance(0)

    assert (answer["Status"], world.events) == (202, [{"n": 1}])


def test_a_dry_run_invokes_nothing(world: World) -> None:
    world.run()
    answer = world.functions.invoke(FunctionName="orders", InvocationType="DryRun")

    assert (answer["StatusCode"], answer["Payload"].read(), world.events) == (204, b"", [])


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_function_that_is_not_there_is_not_found(world: World, kind: str) -> None:
    assert refusal(world.functions.invoke, FunctionName="orders", InvocationType=kind) == (
        "ResourceNotFoundException",
        404,
        f"Function not found: {FUNCTION}:$LATEST",
    )


def test_a_payload_that_is_no_json_is_refused(world: World) -> None:
    world.run()
    code, status, text = refusal(world.functions.invoke, FunctionName="orders", Payload=b"{'a': 1}")

    assert (code, status) == ("InvalidRequestContentException", 400)
    assert text.startswith("Could not parse request body into json: Could not parse payload into json: ")


@pytest.mark.parametrize(("kind", "most"), [("RequestResponse", 6_291_456), ("Event", 1_048_576)])
def test_a_payload_that_is_too_large_is_refused(world: World, kind: str, most: int) -> None:
    world.run()
    large = b'"' + b"x" * most + b'"'

    assert refusal(world.functions.invoke, FunctionName="orders", InvocationType=kind, Payload=large) == (
        "RequestTooLargeException",
        413,
        f"Request must be smaller than {most} bytes for the InvokeFunction operation",
    )


def test_a_payload_of_six_megabytes_comes_through(world: World) -> None:
    world.run()
    world.answers = [len]

    answer = world.functions.invoke(FunctionName="orders", Payload=b'"' + b"x" * 6_000_000 + b'"')

    assert payload(answer) == 6_000_000


def test_versions_and_aliases_are_invoked_by_name_or_qualifier(world: World) -> None:
    world.run()
    world.create(Publish=True)
    world.functions.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")

    for name, qualifier in (("orders:1", None), ("orders", "live"), (f"{FUNCTION}:live", "live")):
        chosen = {} if qualifier is None else {"Qualifier": qualifier}
        assert world.functions.invoke(FunctionName=name, **chosen)["ExecutedVersion"] == "1"
    assert (
        refusal(world.functions.invoke, FunctionName="orders", Qualifier="2")[0]
        == "ResourceNotFoundException"
    )
    code, _, _ = refusal(world.functions.invoke, FunctionName="orders:1", Qualifier="live")
    assert code == "InvalidParameterValueException"


def test_an_alias_of_two_versions_shares_the_invocations(world: World) -> None:
    world.run()
    world.create(Publish=True)
    world.functions.update_function_code(FunctionName="orders", ZipFile=b"other", Publish=True)
    world.functions.create_alias(
        FunctionName="orders",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )

    versions = [world.functions.invoke(FunctionName="orders:live")["ExecutedVersion"] for _ in range(20)]

    assert set(versions) == {"1", "2"}


def test_a_function_whose_concurrency_is_none_is_throttled(world: World) -> None:
    world.run()
    world.create()
    world.functions.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)

    assert refusal(world.functions.invoke, FunctionName="orders") == (
        "TooManyRequestsException",
        429,
        "Rate Exceeded.",
    )


def test_a_function_that_is_not_reached_is_an_error_of_the_service() -> None:
    world = World(lambda_urls={"orders": "http://127.0.0.1:1"})
    with world.emulator:
        world.begin()
        code, status, text = refusal(world.functions.invoke, FunctionName="orders")

    assert (code, status) == ("ServiceException", 500)
    assert text.startswith("The function orders was not reached: no connection: ")


def test_without_a_worker_the_payload_is_in_the_outbox_and_the_answer_says_what_to_do(world: World) -> None:
    world.create()

    answer = world.functions.invoke(FunctionName="orders", Payload=b'{"n": 1}')

    assert answer["FunctionError"] == "Unhandled"
    said = payload(answer)
    assert said["errorType"] == "Runtime.InvalidEntrypoint"
    assert "pocketbus lambda run orders -- COMMAND" in said["errorMessage"]
    (captured,) = world.emulator.outbox()
    assert (captured.service, captured.target, captured.payload) == ("lambda", FUNCTION, '{"n": 1}')


def test_a_callable_learns_of_its_invocation(world: World) -> None:
    seen: list[Any] = []
    world.create(Timeout=7)
    world.emulator.on_lambda(FUNCTION, lambda _event, context: seen.append(context))
    world.functions.invoke(FunctionName="orders")

    (context,) = seen
    assert (context.function_name, context.function_version) == ("orders", "$LATEST")
    assert (context.invoked_function_arn, len(context.aws_request_id)) == (FUNCTION, 36)
    assert context.get_remaining_time_in_millis() == 7000


@pytest.mark.parametrize("member", ["TenantId", "DurableExecutionName"])
def test_what_is_not_emulated_is_refused_by_its_name(world: World, member: str) -> None:
    world.run()
    code, status, text = refusal(world.functions.invoke, FunctionName="orders", **{member: "a"})

    assert (code, status, text) == ("NotImplemented", 501, f"{member} of Invoke is not emulated.")


def test_the_trace_tells_an_invocation(world: World) -> None:
    world.run()
    world.functions.invoke(FunctionName="orders")

    told = world.emulator.trace(resource=FUNCTION)
    assert [(record.verb, record.why) for record in told] == [
        ("invoked", "by Invoke"),
        ("succeeded", "the function returned"),
    ]
    assert len({record.subject for record in told}) == 1
