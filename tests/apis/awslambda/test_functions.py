"""Functions as they are created, described, changed and deleted: enough for Terraform and SAM to come to rest."""

import json
from typing import Any

import pytest

from pocketbus.apis.awslambda import configuration, permissions
from tests.apis.awslambda.conftest import ACCOUNT, ARN, FUNCTION, ROLE, World, refusal

INVALID, MISSING = "InvalidParameterValueException", "ResourceNotFoundException"
PROVIDER = ARN("lambda", "capacity-provider:c")
DIGEST_OF_ZIP = "SnD+mqZDbgLC3qNA+9HjUuTvLYzmylKtJdS5VHH8i/I="


def test_a_function_is_created_and_then_active(world: World) -> None:
    made = world.create(
        Environment={"Variables": {"SHOP": "1"}}, Tags={"team": "a"}, Description="takes orders"
    )
    found = world.functions.get_function(FunctionName="orders")
    configuration = found["Configuration"]

    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    assert (configuration["State"], configuration["LastUpdateStatus"]) == ("Active", "Successful")
    assert {
        name: configuration[name]
        for name in ("FunctionArn", "Runtime", "Role", "Handler", "Timeout", "MemorySize", "Version")
    } == {
        "FunctionArn": FUNCTION,
        "Runtime": "python3.13",
        "Role": ROLE,
        "Handler": "app.handler",
        "Timeout": 3,
        "MemorySize": 128,
        "Version": "$LATEST",
    }
    assert (configuration["CodeSize"], configuration["LastModified"]) == (3, "2026-01-01T00:00:00.000+0000")
    assert configuration["Environment"] == {"Variables": {"SHOP": "1"}}
    assert (configuration["PackageType"], configuration["Architectures"]) == ("Zip", ["x86_64"])
    assert found["Tags"] == {"team": "a"}
    assert found["Code"]["RepositoryType"] == "S3"


def test_the_waiters_of_boto3_come_to_rest(world: World) -> None:
    world.create()
    for name in ("function_exists", "function_active_v2", "function_updated_v2", "published_version_active"):
        world.functions.get_waiter(name).wait(FunctionName="orders", WaiterConfig={"MaxAttempts": 1})


def test_a_name_is_taken_once(world: World) -> None:
    world.create()
    assert refusal(world.create) == ("ResourceConflictException", 409, "Function already exist: orders")


def test_a_function_of_a_package_needs_a_runtime_and_a_handler(world: World) -> None:
    call = world.functions.create_function
    code, status, _ = refusal(call, FunctionName="f", Role=ROLE, Code={"ZipFile": b"zip"})
    assert (code, status) == (INVALID, 400)
    image = call(FunctionName="f", Role=ROLE, PackageType="Image", Code={"ImageUri": "image:1"})
    assert image["PackageType"] == "Image"
    assert world.functions.get_function(FunctionName="f")["Code"]["ImageUri"] == "image:1"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("TenancyConfig", {"TenantIsolationMode": "PER_TENANT"}),
        ("DurableConfig", {"RetentionPeriodInDays": 1, "ExecutionTimeout": 60}),
        ("PublishTo", "LATEST_PUBLISHED"),
        (
            "CapacityProviderConfig",
            {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}},
        ),
        ("RuntimeConfig", {"RuntimeArn": ARN("lambda", "runtime/python"), "RuntimeAlias": "a"}),
        ("AcceleratorConfig", {"AcceleratorMemorySize": 1}),
    ],
)
def test_what_is_not_emulated_is_refused_by_its_name(world: World, member: str, value: Any) -> None:
    assert refusal(world.create, **{member: value}) == (
        "NotImplemented",
        501,
        f"{member} of Lambda functions is not emulated.",
    )


def test_what_has_no_effect_is_kept_and_shown(world: World) -> None:
    given: dict[str, Any] = {
        "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        "KMSKeyArn": ARN("kms", "key/1"),
        "FileSystemConfigs": [
            {
                "Arn": ARN("elasticfilesystem", "access-point/fsap-0123456789abcdef0"),
                "LocalMountPath": "/mnt/a",
            }
        ],
        "EphemeralStorage": {"Size": 1024},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/orders"},
    }
    layer = ARN("lambda", "layer:powertools:1")
    world.create(
        **given,
        Layers=[layer],
        SnapStart={"ApplyOn": "PublishedVersions"},
        ImageConfig={"Command": ["app.handler"]},
    )

    found = world.functions.get_function_configuration(FunctionName="orders")
    assert {name: found[name] for name in given} == given
    assert found["Layers"] == [{"Arn": layer, "CodeSize": 0}]
    assert found["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}
    assert found["ImageConfigResponse"] == {"ImageConfig": {"Command": ["app.handler"]}}


def test_an_operation_that_is_not_served_says_so(world: World) -> None:
    assert refusal(world.functions.list_layers) == (
        "NotImplemented",
        501,
        "The operation ListLayers of lambda is not implemented.",
    )


def test_functions_are_listed_in_pages(world: World) -> None:
    for name in ("b", "a", "c"):
        world.create(name)
    pages = world.functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})

    assert [[one["FunctionName"] for one in page["Functions"]] for page in pages] == [["a", "b"], ["c"]]
    assert refusal(world.functions.list_functions, Marker="made-up")[:2] == (INVALID, 400)


def test_a_function_that_is_not_there_is_not_found(world: World) -> None:
    for call in (
        world.functions.get_function,
        world.functions.get_function_configuration,
        world.functions.delete_function,
        world.functions.list_versions_by_function,
    ):
        assert refusal(call, FunctionName="orders") == (MISSING, 404, f"Function not found: {FUNCTION}")


def test_a_deleted_function_is_gone(world: World) -> None:
    world.create()
    answer = world.functions.delete_function(FunctionName="orders")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert world.functions.list_functions()["Functions"] == []


def test_code_and_configuration_are_changed_apart(world: World) -> None:
    before = world.create(DeadLetterConfig={"TargetArn": ARN("sqs", "dead")})
    coded = world.functions.update_function_code(FunctionName="orders", ZipFile=b"other")
    changed = world.functions.update_function_configuration(
        FunctionName="orders", Timeout=20, Description="d", Environment={"Variables": {"SHOP": "2"}}
    )

    assert coded["CodeSha256"] != before["CodeSha256"] == DIGEST_OF_ZIP
    assert (changed["Timeout"], changed["Description"]) == (20, "d")
    assert changed["Environment"] == {"Variables": {"SHOP": "2"}}
    assert changed["CodeSha256"] == coded["CodeSha256"]
    assert changed["DeadLetterConfig"] == {"TargetArn": ARN("sqs", "dead")}
    assert len({before["RevisionId"], coded["RevisionId"], changed["RevisionId"]}) == 3


def test_a_dry_run_changes_no_code(world: World) -> None:
    before = world.create()
    tried = world.functions.update_function_code(FunctionName="orders", ZipFile=b"other", DryRun=True)
    after = world.functions.get_function_configuration(FunctionName="orders")

    assert tried["CodeSha256"] != before["CodeSha256"] == after["CodeSha256"]


def test_a_change_of_an_outdated_revision_is_refused(world: World) -> None:
    world.create()
    code, status, _ = refusal(
        world.functions.update_function_configuration, FunctionName="orders", Timeout=9, RevisionId="old"
    )
    assert (code, status) == ("PreconditionFailedException", 412)


def test_versions_stay_as_they_were_published(world: World) -> None:
    world.create(Publish=True)
    world.functions.update_function_configuration(FunctionName="orders", Timeout=20)
    second = world.functions.publish_version(FunctionName="orders", Description="slower")
    again = world.functions.publish_version(FunctionName="orders")

    assert (second["Version"], again["Version"]) == ("2", "2")
    assert second["FunctionArn"] == f"{FUNCTION}:2"
    listed = world.functions.list_versions_by_function(FunctionName="orders")["Versions"]
    assert [(one["Version"], one["Timeout"], one["Description"]) for one in listed] == [
        ("$LATEST", 20, ""),
        ("1", 3, ""),
        ("2", 20, "slower"),
    ]
    first = world.functions.get_function_configuration(FunctionName="orders", Qualifier="1")
    assert (first["FunctionArn"], first["Timeout"]) == (f"{FUNCTION}:1", 3)
    world.functions.delete_function(FunctionName="orders", Qualifier="1")
    assert refusal(world.functions.get_function, FunctionName="orders:1")[0] == MISSING
    code, _, _ = refusal(world.functions.publish_version, FunctionName="orders", CodeSha256="other")
    assert code == INVALID


def test_aliases_name_versions(world: World) -> None:
    world.create(Publish=True)
    made = world.functions.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    world.functions.update_function_code(FunctionName="orders", ZipFile=b"other", Publish=True)
    changed = world.functions.update_alias(
        FunctionName="orders",
        Name="live",
        Description="both",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )

    assert (made["AliasArn"], made["FunctionVersion"]) == (f"{FUNCTION}:live", "1")
    assert changed["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.5}}
    found = world.functions.get_alias(FunctionName="orders", Name="live")
    assert (found["Description"], found["RevisionId"]) == ("both", changed["RevisionId"])
    assert world.functions.get_function(FunctionName="orders:live")["Configuration"]["Version"] == "1"
    listed = world.functions.list_aliases(FunctionName="orders")["Aliases"]
    assert [alias["Name"] for alias in listed] == ["live"]
    code, _, _ = refusal(
        world.functions.create_alias, FunctionName="orders", Name="live", FunctionVersion="1"
    )
    assert code == "ResourceConflictException"
    world.functions.delete_alias(FunctionName="orders", Name="live")
    assert refusal(world.functions.get_alias, FunctionName="orders", Name="live") == (
        MISSING,
        404,
        f"Cannot find alias arn: {FUNCTION}:live",
    )


def test_permissions_are_statements_of_a_policy(world: World) -> None:
    world.create()
    call = world.functions.add_permission
    granted = {
        "FunctionName": "orders",
        "StatementId": "sns",
        "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com",
        "SourceArn": ARN("sns", "news"),
        "SourceAccount": ACCOUNT,
    }
    statement = json.loads(call(**granted)["Statement"])

    assert statement == {
        "Sid": "sns",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": ACCOUNT},
            "ArnLike": {"AWS:SourceArn": ARN("sns", "news")},
        },
    }
    policy = json.loads(world.functions.get_policy(FunctionName="orders")["Policy"])
    assert policy == {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}
    assert refusal(call, **granted)[:2] == ("ResourceConflictException", 409)
    world.functions.remove_permission(FunctionName="orders", StatementId="sns")
    assert refusal(world.functions.get_policy, FunctionName="orders") == (
        MISSING,
        404,
        "The resource you requested does not exist.",
    )


def test_a_policy_has_a_longest_length(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "_POLICY_BYTES", 300)
    world.create()
    granted = {"FunctionName": "orders", "Action": "lambda:InvokeFunction", "Principal": "111111111111"}
    world.functions.add_permission(**granted, StatementId="x")

    code, status, _ = refusal(world.functions.add_permission, **granted, StatementId="y" * 100)

    assert (code, status) == ("PolicyLengthExceededException", 400)


def test_functions_have_tags(world: World) -> None:
    world.create(Tags={"team": "a"})
    world.functions.tag_resource(Resource=FUNCTION, Tags={"cost": "b"})
    world.functions.untag_resource(Resource=FUNCTION, TagKeys=["team"])

    assert world.functions.list_tags(Resource=FUNCTION)["Tags"] == {"cost": "b"}


def test_concurrency_can_be_reserved(world: World) -> None:
    world.create()
    world.functions.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=3)
    shown = world.functions.get_function(FunctionName="orders")["Concurrency"]
    assert shown == {"ReservedConcurrentExecutions": 3}
    found = world.functions.get_function_concurrency(FunctionName="orders")
    assert found["ReservedConcurrentExecutions"] == 3
    world.functions.delete_function_concurrency(FunctionName="orders")
    assert "Concurrency" not in world.functions.get_function(FunctionName="orders")


def test_code_is_not_signed(world: World) -> None:
    world.create()
    found = world.functions.get_function_code_signing_config(FunctionName="orders")
    assert (found["FunctionName"], found["CodeSigningConfigArn"]) == ("orders", "")


def test_code_that_is_too_large_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "CODE_BYTES", 5)
    world.create()
    assert refusal(world.create, name="other")[:2] == ("CodeStorageExceededException", 400)
    monkeypatch.setattr(configuration, "_ZIP_BYTES", 2)
    assert refusal(world.create, name="other")[:2] == ("RequestTooLargeException", 413)


def test_functions_can_be_looked_at(world: World) -> None:
    world.create(Tags={"team": "a"})
    world.run()

    (view,) = [one for one in world.emulator.look("functions") if one.name == "orders"]
    assert (view.arn, view.created, view.runs, view.tags) == (FUNCTION, True, "callable", {"team": "a"})
