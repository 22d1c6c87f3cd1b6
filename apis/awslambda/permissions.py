"""Who may invoke a function: kept and shown, and not asked."""

import json
from typing import Any

from pocketbus.apis.awslambda.configuration import check_revision
from pocketbus.apis.awslambda.names import find_function
from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.call import Call
from pocketbus.apis.policy_statements import has_label, without_label
from pocketbus.emulator.arn import ACCOUNT
from pocketbus.emulator.errors import (
    PolicyLengthExceededException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from pocketbus.emulator.functions.deployed import Policy
from pocketbus.emulator.functions.invocation import LATEST

_POLICY_BYTES = 20_480
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@awslambda.operation
def add_permission(
    call: Call,
    *,
    function_name: str,
    statement_id: str,
    action: str,
    principal: str,
    source_arn: str | None = None,
    function_url_auth_type: str | None = None,
    invoked_via_function_url: bool | None = None,
    source_account: str | None = None,
    event_source_token: str | None = None,
    qualifier: str | None = None,
    revision_id: str | None = None,
    principal_org_id: str | None = None,
) -> dict[str, Any]:
    function, name = find_function(call, function_name, qualifier)
    place = name.qualifier or LATEST
    policy = function.policies.get(place) or Policy("")
    check_revision(revision_id, policy.revision_id)
    if has_label(policy.statements, statement_id):
        raise ResourceConflictException(
            f"The statement id ({statement_id}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement."
        )
    equals = {
        "AWS:SourceAccount": source_account,
        "lambda:EventSourceToken": event_source_token,
        "lambda:FunctionUrlAuthType": function_url_auth_type,
        "aws:PrincipalOrgID": principal_org_id,
    }
    conditions = {
        "StringEquals": {key: value for key, value in equals.items() if value is not None},
        "ArnLike": {} if source_arn is None else {"AWS:SourceArn": source_arn},
        "Bool": {}
        if invoked_via_function_url is None
        else {"lambda:InvokedViaFunctionUrl": str(invoked_via_function_url).lower()},
    }
    held = {operator: pairs for operator, pairs in conditions.items() if pairs}
    statement = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": _principal(call, principal),
        "Action": action,
        "Resource": name.qualified_arn,
        **({"Condition": held} if held else {}),
    }
    statements = [*policy.statements, statement]
    if len(_document(statements)) > _POLICY_BYTES:
        raise PolicyLengthExceededException(
            f"The final policy size is bigger than the limit ({_POLICY_BYTES})."
        )
    function.policies[place] = Policy(call.engine.ids.uuid(), statements)
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


@awslambda.operation
def remove_permission(
    call: Call,
    *,
    function_name: str,
    statement_id: str,
    qualifier: str | None = None,
    revision_id: str | None = None,
) -> None:
    function, name = find_function(call, function_name, qualifier)
    place = name.qualifier or LATEST
    policy = function.policies.get(place)
    if policy is None:
        raise ResourceNotFoundException("No policy is associated with the given resource.")
    check_revision(revision_id, policy.revision_id)
    if not has_label(policy.statements, statement_id):
        raise ResourceNotFoundException(f"Statement {statement_id} is not found in resource policy.")
    policy.statements = without_label(policy.statements, statement_id)
    policy.revision_id = call.engine.ids.uuid()
    if not policy.statements:
        del function.policies[place]


@awslambda.operation
def get_policy(call: Call, *, function_name: str, qualifier: str | None = None) -> dict[str, Any]:
    function, name = find_function(call, function_name, qualifier)
    policy = function.policies.get(name.qualifier or LATEST)
    if policy is None:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return {"Policy": _document(policy.statements), "RevisionId": policy.revision_id}


def _document(statements: list[dict[str, Any]]) -> str:
    document = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return json.dumps(document, separators=(",", ":"))


def _principal(call: Call, principal: str) -> Any:
    if principal == "*":
        return "*"
    if ACCOUNT.fullmatch(principal):
        partition = "aws" if not call.scope.region.startswith("cn-") else "aws-cn"
        return {"AWS": f"arn:{partition}:iam::{principal}:root"}
    return {"AWS": principal} if principal.startswith("arn:") else {"Service": principal}
