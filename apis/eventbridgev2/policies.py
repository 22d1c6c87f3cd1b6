"""Resource policies of buses: put, get, delete, list, with their revisions."""

from typing import Any, Final

from pocketbus.apis.call import Call
from pocketbus.apis.eventbridgev2.find import find_bus, sorted_page
from pocketbus.apis.eventbridgev2.service import eventbridgev2
from pocketbus.emulator.custombuses.bus import CustomBus
from pocketbus.emulator.custombuses.resource_policy import ResourcePolicy, is_public
from pocketbus.emulator.errors import (
    AccessDeniedException,
    ConflictException,
    InvalidInputException,
    PolicyLengthExceededException,
    PublicPolicyException,
    ResourceNotFoundException,
)
from pocketbus.rules import json_text

DEFAULT: Final = "default"
RAM: Final = "AWS_RAM"
_NO_POLICY: Final = "NO_POLICY"
_POLICY_BYTES: Final = 20_480
_HARD_BYTES: Final = 389_120


@eventbridgev2.operation
def put_resource_policy(
    call: Call,
    *,
    resource_arn: str,
    policy_document: str,
    policy_name: str = DEFAULT,
    expected_revision_id: str | None = None,
) -> dict[str, Any]:
    """Replace a policy; one without statements takes it away."""
    bus = _own_bus(call, resource_arn, "PutResourcePolicy")
    _check_writable(policy_name)
    document = _document(policy_document)
    _check_revision(bus, policy_name, expected_revision_id, if_absent=_NO_POLICY)
    answer = {"ResourceArn": bus.arn, "PolicyName": policy_name}
    if document["Statement"] == []:
        bus.policies.pop(policy_name, None)
        return answer
    revision_id = call.engine.ids.uuid()
    bus.policies[policy_name] = ResourcePolicy(policy_document, revision_id)
    return {**answer, "RevisionId": revision_id}


@eventbridgev2.operation
def get_resource_policy(call: Call, *, resource_arn: str, policy_name: str = DEFAULT) -> dict[str, Any]:
    bus = _own_bus(call, resource_arn, "GetResourcePolicy")
    _check_name(policy_name)
    policy = bus.policies.get(policy_name)
    if policy is None:
        raise ResourceNotFoundException(f"Event bus {bus.name} has no policy {policy_name}.")
    return {
        "ResourceArn": bus.arn,
        "PolicyDocument": policy.document,
        "PolicyName": policy_name,
        "RevisionId": policy.revision_id,
    }


@eventbridgev2.operation
def delete_resource_policy(
    call: Call, *, resource_arn: str, policy_name: str = DEFAULT, expected_revision_id: str | None = None
) -> dict[str, Any]:
    bus = _own_bus(call, resource_arn, "DeleteResourcePolicy")
    _check_writable(policy_name)
    if expected_revision_id == _NO_POLICY:
        raise InvalidInputException("ExpectedRevisionId NO_POLICY is not valid for DeleteResourcePolicy")
    _check_revision(bus, policy_name, expected_revision_id, if_absent=None)
    policy = bus.policies.pop(policy_name, None)
    return {"RevisionId": None if policy is None else policy.revision_id}


@eventbridgev2.operation
def list_resource_policies(
    call: Call, *, resource_arn: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    bus = _own_bus(call, resource_arn, "ListResourcePolicies")
    page, token = sorted_page(bus.policies, str, next_token, max_results)
    summaries = [{"PolicyName": name, "RevisionId": bus.policies[name].revision_id} for name in page]
    return {"PolicySummaries": summaries, "NextToken": token}


def _own_bus(call: Call, arn: str, action: str) -> CustomBus:
    bus = find_bus(call, arn, action)
    if bus.owner != call.scope.account:
        raise AccessDeniedException(f"Only the owner of an event bus may {action}.")
    return bus


def _check_name(name: str) -> None:
    if name not in (DEFAULT, RAM):
        raise InvalidInputException(f"PolicyName must be {DEFAULT} or {RAM}")


def _check_writable(name: str) -> None:
    _check_name(name)
    if name == RAM:
        raise AccessDeniedException(f"Only AWS Resource Access Manager writes the policy {RAM}.")


def _check_revision(bus: CustomBus, name: str, expected: str | None, *, if_absent: str | None) -> None:
    policy = bus.policies.get(name)
    current = if_absent if policy is None else policy.revision_id
    if expected is not None and expected != current:
        raise ConflictException(
            f"ExpectedRevisionId {expected} is not the current revision of the policy {name}."
        )


def _document(text: str) -> dict[str, Any]:
    """Read a policy. Raise InvalidInputException, PolicyLengthExceededException, PublicPolicyException."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > _HARD_BYTES:
        raise InvalidInputException(f"PolicyDocument must not be longer than {_HARD_BYTES} bytes")
    if size > _POLICY_BYTES:
        raise PolicyLengthExceededException(f"The policy must not be longer than {_POLICY_BYTES} bytes.")
    try:
        document = json_text.read(text)
    except ValueError:
        raise InvalidInputException("PolicyDocument is not valid JSON") from None
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), list | dict):
        raise InvalidInputException("PolicyDocument is not a policy: it has no Statement")
    if is_public(document):
        raise PublicPolicyException("The policy would grant public access.")
    return document
