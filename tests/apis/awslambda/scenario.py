"""Every operation of Lambda once as it is meant, with something to show."""

from collections.abc import Callable
from typing import Any

from pocketbus import Emulator

Call = Callable[..., dict[str, Any]]
"""Performs an operation by its method's name."""

ARN = "arn:aws:{}:us-east-1:000000000000:{}".format
FUNCTION = {
    "FunctionName": "f",
    "Role": "arn:aws:iam::000000000000:role/function",
    "Runtime": "python3.13",
    "Handler": "app.handler",
    "Code": {"ZipFile": b"zip"},
    "Environment": {"Variables": {"SHOP": "1"}},
    "Tags": {"team": "a"},
}


def everything(call: Call, emulator: Emulator) -> None:
    emulator.on_lambda(ARN("lambda", "function:f"), lambda event, _context: event)
    _functions(call)
    _versions(call)
    _invocations(call)
    _mappings(call, emulator)
    call("delete_function", FunctionName="f")


def _functions(call: Call) -> None:
    arn = call("create_function", **FUNCTION)["FunctionArn"]
    call("get_function", FunctionName="f")
    call("get_function_configuration", FunctionName="f")
    call("get_function_code_signing_config", FunctionName="f")
    call("update_function_configuration", FunctionName="f", Timeout=30)
    call("update_function_code", FunctionName="f", ZipFile=b"another zip")
    call("list_functions", MaxItems=10)
    call("tag_resource", Resource=arn, Tags={"stage": "test"})
    call("list_tags", Resource=arn)
    call("untag_resource", Resource=arn, TagKeys=["stage"])
    call("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=5)
    call("get_function_concurrency", FunctionName="f")
    call("delete_function_concurrency", FunctionName="f")
    call(
        "add_permission",
        FunctionName="f",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )
    call("get_policy", FunctionName="f")
    call("remove_permission", FunctionName="f", StatementId="s")


def _versions(call: Call) -> None:
    version = call("publish_version", FunctionName="f", Description="first").get("Version", "1")
    call("list_versions_by_function", FunctionName="f")
    call("create_alias", FunctionName="f", Name="live", FunctionVersion=version)
    call("get_alias", FunctionName="f", Name="live")
    call("update_alias", FunctionName="f", Name="live", Description="what is live")
    call("list_aliases", FunctionName="f")
    call("delete_alias", FunctionName="f", Name="live")


def _invocations(call: Call) -> None:
    call("invoke", FunctionName="f", Payload=b'{"n": 1}')
    call("invoke", FunctionName="f", InvocationType="Event", Payload=b'{"n": 2}')
    call("invoke", FunctionName="f", InvocationType="DryRun")
    call("invoke_async", FunctionName="f", InvokeArgs=b'{"n": 3}')
    call(
        "put_function_event_invoke_config",
        FunctionName="f",
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": ARN("sqs", "dead")}},
    )
    call("update_function_event_invoke_config", FunctionName="f", MaximumEventAgeInSeconds=60)
    call("get_function_event_invoke_config", FunctionName="f")
    call("list_function_event_invoke_configs", FunctionName="f")
    call("delete_function_event_invoke_config", FunctionName="f")


def _mappings(call: Call, emulator: Emulator) -> None:
    emulator.client("sqs").create_queue(QueueName="mapped")
    mapping = call(
        "create_event_source_mapping", EventSourceArn=ARN("sqs", "mapped"), FunctionName="f", BatchSize=5
    )["UUID"]
    emulator.advance(60)
    call("get_event_source_mapping", UUID=mapping)
    call("update_event_source_mapping", UUID=mapping, BatchSize=10)
    emulator.advance(60)
    call("list_event_source_mappings", FunctionName="f")
    call("delete_event_source_mapping", UUID=mapping)
    emulator.advance(60)
