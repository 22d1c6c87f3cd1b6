"""The constraints of the models in the words AWS answered."""

from typing import Any

import pytest

from pocketbus.apis.codec.errors import ValidationError, ValidationException
from pocketbus.apis.codec.validate import validator
from pocketbus.apis.service import Service
from pocketbus.emulator.errors import EngineError, MissingRequiredParameterException

NAME_PATTERN = r"[\.\-_A-Za-z0-9]+"
LONG_NAME = "This should fail with two errors 123467890123412341234123412341234"


def refusal(service: str, operation: str, params: dict[str, Any]) -> EngineError:
    with pytest.raises(EngineError) as raised:
        validator(service, Service(service).model.operations[operation])(params)
    return raised.value


def accept(service: str, operation: str, params: dict[str, Any]) -> None:
    validator(service, Service(service).model.operations[operation])(params)


def put_targets(identifier: str) -> dict[str, Any]:
    return {
        "Rule": "orders",
        "Targets": [{"Id": identifier, "Arn": "arn:aws:sqs:us-east-1:000000000000:orders"}],
    }


def connection(**changes: Any) -> dict[str, Any]:
    return {"Name": "web", "AuthorizationType": "BASIC", "AuthParameters": {}, **changes}


def api_destination(**changes: Any) -> dict[str, Any]:
    return {
        "Name": "web",
        "ConnectionArn": "arn:aws:events:us-east-1:000000000000:connection/web/0123",
        "InvocationEndpoint": "https://example.com",
        "HttpMethod": "POST",
        **changes,
    }


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        (
            "PutTargets",
            put_targets("!@#$@!#$"),
            (
                "1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy "
                rf"constraint: Member must satisfy regular expression pattern: {NAME_PATTERN}"
            ),
        ),
        (
            "PutTargets",
            put_targets("i" * 65),
            (
                f"1 validation error detected: Value '{'i' * 65}' at 'targets.1.member.id' failed to satisfy "
                "constraint: Member must have length less than or equal to 64"
            ),
        ),
        (
            "CreateConnection",
            connection(AuthorizationType="INVALID_AUTH_TYPE"),
            (
                "1 validation error detected: Value 'INVALID_AUTH_TYPE' at 'authorizationType' failed to satisfy "
                "constraint: Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"
            ),
        ),
        (
            "CreateConnection",
            connection(Name="Invalid Name With Spaces!"),
            (
                "1 validation error detected: Value 'Invalid Name With Spaces!' at 'name' failed to satisfy "
                rf"constraint: Member must satisfy regular expression pattern: {NAME_PATTERN}"
            ),
        ),
        (
            "CreateConnection",
            connection(Name=LONG_NAME, AuthorizationType="INVALID"),
            (
                f"3 validation errors detected: Value '{LONG_NAME}' at 'name' failed to satisfy constraint: Member "
                rf"must satisfy regular expression pattern: {NAME_PATTERN}; Value '{LONG_NAME}' at 'name' failed to "
                "satisfy constraint: Member must have length less than or equal to 64; Value 'INVALID' at "
                "'authorizationType' failed to satisfy constraint: Member must satisfy enum value set: "
                "[BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"
            ),
        ),
        (
            "CreateApiDestination",
            api_destination(Name="Invalid Name With Spaces!"),
            (
                "1 validation error detected: Value 'Invalid Name With Spaces!' at 'name' failed to satisfy "
                rf"constraint: Member must satisfy regular expression pattern: {NAME_PATTERN}"
            ),
        ),
        (
            "CreateApiDestination",
            api_destination(ConnectionArn="invalid-connection-arn", HttpMethod="INVALID_METHOD"),
            (
                "2 validation errors detected: Value 'invalid-connection-arn' at 'connectionArn' failed to satisfy "
                r"constraint: Member must satisfy regular expression pattern: ^arn:aws([a-z]|\-)*:events:"
                r"([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$; Value "
                "'INVALID_METHOD' at 'httpMethod' failed to satisfy constraint: Member must satisfy enum value set: "
                "[HEAD, POST, PATCH, DELETE, PUT, GET, OPTIONS]"
            ),
        ),
        (
            "PutEvents",
            {
                "Entries": [
                    {"Source": "core", "DetailType": "kind", "Detail": '{"a": 1}', "EventBusName": "bus"}
                ]
                * 11
            },
            "1 validation error detected: Value '["
            + ", ".join(
                [
                    (
                        "PutEventsRequestEntry(time=null, source=core, resources=null, detailType=kind, "
                        'detail={"a": 1}, eventBusName=bus, traceHeader=null, kmsKeyIdentifier=null, '
                        "internalMetadata=null)"
                    )
                ]
                * 11
            )
            + "]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
        ),
        (
            "PutRule",
            {"EventPattern": "{}"},
            (
                "1 validation error detected: Value null at 'name' failed to satisfy constraint: "
                "Member must not be null"
            ),
        ),
        (
            "ListRules",
            {"Limit": 0},
            (
                "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1"
            ),
        ),
        (
            "UntagResource",
            {"ResourceARN": "arn:aws:events:us-east-1:000000000000:rule/a", "TagKeys": ["good", ""]},
            (
                "1 validation error detected: Value '[good, ]' at 'tagKeys' failed to satisfy constraint: "
                "Member must satisfy constraint: [Member must have length less than or equal to 128, "
                "Member must have length greater than or equal to 1]"
            ),
        ),
    ],
)
def test_eventbridge_names_every_violation(operation: str, params: dict[str, Any], message: str) -> None:
    error = refusal("events", operation, params)

    assert type(error) is ValidationException
    assert error.message == message


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        (
            "CreatePlatformApplication",
            {"Name": "app", "Platform": "GCM"},
            (
                "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: "
                "Member must not be null"
            ),
        ),
        (
            "Publish",
            {
                "TopicArn": "arn:aws:sns:us-east-1:000000000000:t",
                "Message": "m",
                "MessageAttributes": {"attr1": {"StringValue": "s"}},
            },
            (
                "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to "
                "satisfy constraint: Member must not be null"
            ),
        ),
        (
            "PublishBatch",
            {
                "TopicArn": "arn:aws:sns:us-east-1:000000000000:t",
                "PublishBatchRequestEntries": [
                    {"Id": "1", "Message": "m", "MessageAttributes": {"attr1": {"StringValue": "s"}}}
                ],
            },
            (
                "1 validation error detected: Value null at "
                "'publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType' failed to satisfy "
                "constraint: Member must not be null"
            ),
        ),
    ],
)
def test_sns_names_what_is_null_by_its_path(operation: str, params: dict[str, Any], message: str) -> None:
    error = refusal("sns", operation, params)

    assert type(error) is ValidationError
    assert error.message == message


def test_the_keys_of_a_map_are_named_as_such() -> None:
    target = {
        "Id": "1",
        "Arn": "a",
        "InputTransformer": {"InputPathsMap": {"a b": "$.a"}, "InputTemplate": "<a>"},
    }

    assert refusal("events", "PutTargets", {"Rule": "orders", "Targets": [target]}).message == (
        "1 validation error detected: Value '{a b=$.a}' at 'targets.1.member.inputTransformer.inputPathsMap' "
        "failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression "
        r"pattern: [A-Za-z0-9\_\-]+, Member must have length less than or equal to 256, "
        "Member must have length greater than or equal to 1]"
    )


def test_the_values_of_a_map_are_named_as_such() -> None:
    target = {
        "Id": "1",
        "Arn": "a",
        "InputTransformer": {"InputPathsMap": {"a": "x" * 257}, "InputTemplate": "<a>"},
    }

    assert refusal("events", "PutTargets", {"Rule": "orders", "Targets": [target]}).message == (
        f"1 validation error detected: Value '{{a={'x' * 257}}}' at "
        "'targets.1.member.inputTransformer.inputPathsMap' failed to satisfy constraint: Map value must satisfy "
        "constraint: [Member must have length less than or equal to 256]"
    )


def test_a_sensitive_value_is_not_repeated() -> None:
    error = refusal(
        "sns", "VerifySMSSandboxPhoneNumber", {"PhoneNumber": "secret", "OneTimePassword": "12345"}
    )

    assert error.message == (
        "1 validation error detected: Value at 'phoneNumber' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ^(\+[0-9]{8,}|[0-9]{0,9})$"
    )


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        ("SendMessage", {"MessageBody": "m"}, "The request must contain the parameter QueueUrl."),
        ("SendMessage", {"QueueUrl": "u"}, "The request must contain the parameter MessageBody."),
        (
            "DeleteMessageBatch",
            {"QueueUrl": "u", "Entries": [{"Id": "1", "ReceiptHandle": "r"}, {"ReceiptHandle": "r"}]},
            "The request must contain the parameter DeleteMessageBatchRequestEntry.2.Id.",
        ),
    ],
)
def test_sqs_names_the_parameter_that_is_missing(
    operation: str, params: dict[str, Any], message: str
) -> None:
    error = refusal("sqs", operation, params)

    assert type(error) is MissingRequiredParameterException
    assert error.message == message


def test_sqs_leaves_a_missing_data_type_to_the_operation() -> None:
    accept(
        "sqs",
        "SendMessage",
        {"QueueUrl": "u", "MessageBody": "m", "MessageAttributes": {"a": {"StringValue": "s"}}},
    )


def test_a_pattern_holds_for_the_whole_value() -> None:
    error = refusal("events", "PutRule", {"Name": "orders\n"})

    assert "Member must satisfy regular expression pattern" in error.message


def test_a_pattern_with_unicode_classes_takes_letters_of_any_script() -> None:
    accept(
        "sts",
        "AssumeRole",
        {
            "RoleArn": "arn:aws:iam::000000000000:role/a",
            "RoleSessionName": "me",
            "Tags": [{"Key": "Größe 名", "Value": "7"}],
        },
    )


def test_a_pattern_with_unicode_classes_still_refuses_other_characters() -> None:
    error = refusal(
        "sts",
        "AssumeRole",
        {
            "RoleArn": "arn:aws:iam::000000000000:role/a",
            "RoleSessionName": "me",
            "Tags": [{"Key": "a*b", "Value": "7"}],
        },
    )

    assert "Value 'a*b' at 'tags.1.member.key'" in error.message


def test_input_that_keeps_the_constraints_passes() -> None:
    accept("events", "PutTargets", put_targets("good-id_1.a"))
