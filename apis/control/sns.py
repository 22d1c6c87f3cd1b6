"""What tests read of SNS beside its API: the signing certificate, tokens, and what the outbox holds of SNS."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pocketbus.apis.control.parameters import ParameterError, Parameters
from pocketbus.apis.control.paths import Path
from pocketbus.emulator.arn import Arn
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.topics.signing import CERTIFICATE_NAME, CERTIFICATE_PATH, certificate
from pocketbus.emulator.topics.sms import is_phone_number
from pocketbus.emulator.topics.topic import Topic


class Listing(NamedTuple):
    """What of the outbox a path lists: one service's, by its target, perhaps of one target only."""

    service: str
    member: str
    filter_parameter: str
    place: Callable[[Captured], tuple[str, str]]
    """Tells the account and the region."""
    write: Callable[[Captured], dict[str, Any]]


def sns_routes(engine: Engine) -> list[Route]:
    async def token(request: Request) -> Response:
        return _token(engine, request.path_params["arn"])

    return [
        Route(CERTIFICATE_PATH, _certificate),
        Route(f"/{CERTIFICATE_NAME}", _certificate),
        Route("/_aws/sns/subscription-tokens/{arn}", token),
        _OPT_OUTS.route(engine),
        *_listing_routes(engine, "/_aws/sns/sms-messages", _SMS),
        *_listing_routes(engine, "/_aws/sns/platform-endpoint-messages", _PUSH),
    ]


async def _certificate(_request: Request) -> Response:
    return Response(certificate(), media_type="application/x-pem-file")


def _token(engine: Engine, arn: str) -> Response:
    """Answer with the latest token that a subscription was sent."""
    if Arn.parse(arn) is None:
        return JSONResponse({"error": "The subscription ARN is invalid.", "subscription_arn": arn}, 400)
    topic = engine.resources.get(arn.rpartition(":")[0])
    subscription = topic.audience.get(arn) if isinstance(topic, Topic) else None
    if not isinstance(topic, Topic) or subscription is None:
        return _unknown(arn)
    token = topic.confirmations.latest_token(subscription)
    if token is None:
        return _unknown(arn)
    return JSONResponse({"subscription_token": token, "subscription_arn": arn})


def _unknown(arn: str) -> Response:
    error = "No token is good for this subscription."
    return JSONResponse({"error": error, "subscription_arn": arn}, 404)


async def _opt_out(engine: Engine, parameters: Parameters) -> Response:
    """Do what the owner of a phone does by answering STOP."""
    number = parameters.required("phoneNumber")
    if not is_phone_number(number):
        raise ParameterError(f"{number[:100]!r} is no phone number in the E.164 format.")
    account, region = parameters.account("accountId"), parameters.region()
    scope = engine.scope(account or engine.config.account, region or engine.config.region)
    with engine.door.entry("opt out", scope.account, scope.region, number):
        scope.sns.sms.opt_out(number)
    return Response(status_code=204)


_OPT_OUTS = Path("/_aws/sns/phone-opt-outs", ("POST",), ("phoneNumber", "accountId", "region"), _opt_out)


def _place(engine: Engine, given: Any) -> tuple[str, str]:
    return given.get("accountId") or engine.config.account, given.get("region") or engine.config.region


def _listing_routes(engine: Engine, path: str, listing: Listing) -> list[Route]:
    """Make the routes that show and forget what was captured; without parameters, of the default place."""

    def selection(request: Request) -> Callable[[Captured], bool]:
        target = request.query_params.get(listing.filter_parameter)
        place = _place(engine, request.query_params)

        def selected(captured: Captured) -> bool:
            return (
                captured.service == listing.service
                and listing.place(captured) == place
                and target in {None, captured.target}
            )

        return selected

    async def show(request: Request) -> Response:
        selected = selection(request)
        by_target: dict[str, list[dict[str, Any]]] = {}
        for captured in filter(selected, engine.outbox):
            by_target.setdefault(captured.target, []).append(listing.write(captured))
        return JSONResponse({listing.member: by_target, "region": _place(engine, request.query_params)[1]})

    async def forget(request: Request) -> Response:
        selected = selection(request)
        unwanted = [place for place, captured in enumerate(engine.outbox) if selected(captured)]
        with engine.door.entry("forget captured", unwanted):
            engine.outbox.discard(unwanted)
        return Response(status_code=204)

    return [Route(path, show), Route(path, forget, methods=["DELETE"])]


def _write(captured: Captured, target_name: str) -> dict[str, Any]:
    attributes = captured.details.get("attributes") or {}
    return {
        target_name: captured.target,
        "TopicArn": captured.source.rpartition(":")[0] or None,
        "SubscriptionArn": captured.source or None,
        "MessageId": captured.details.get("message_id"),
        "Message": captured.payload,
        "MessageAttributes": {name: _write_attribute(value) for name, value in attributes.items()},
    }


def _write_attribute(attribute: Mapping[str, str]) -> dict[str, str]:
    data_type, value = attribute["data_type"], attribute["value"]
    member = "BinaryValue" if data_type.partition(".")[0] == "Binary" else "StringValue"
    return {"DataType": data_type, member: value}


def _place_of_target(captured: Captured) -> tuple[str, str]:
    _, _, _, region, account, _ = captured.target.split(":", 5)
    return account, region


_SMS = Listing(
    "sms",
    "sms_messages",
    "phoneNumber",
    lambda captured: (captured.details["account"], captured.details["region"]),
    lambda captured: _write(captured, "PhoneNumber"),
)
_PUSH = Listing(
    "push",
    "platform_endpoint_messages",
    "endpointArn",
    _place_of_target,
    lambda captured: _write(captured, "TargetArn"),
)
