"""Which REST operation a request is for, and what REST paths do not take away from others."""

from typing import Any

import pytest

from pocketbus.apis.app import create_app
from pocketbus.apis.service import Service
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.engine import Engine
from tests.apis.asgi import Reply, ask
from tests.apis.echo import echo_service

JSON = {"content-type": "application/json"}
GROUP_ARN = "arn%3Aaws%3Ascheduler%3Aus-east-1%3A000000000000%3Aschedule-group%2Fnightly"


def signed(service: str) -> dict[str, str]:
    credential = f"AKIDEXAMPLE/20260101/us-east-1/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00"}


class Paths:
    """The scheduler, which notes what it is asked, beside the other services."""

    def __init__(self) -> None:
        self.arguments: dict[str, Any] | None = None
        others: list[Service] = [service for service in SERVICES if service.name != "scheduler"]
        self.app = create_app(Engine(), [*others, echo_service("scheduler", self._note)])

    def _note(self, _call: Any, arguments: dict[str, Any]) -> None:
        self.arguments = arguments

    async def ask(
        self, method: str, path: str, query: str = "", body: bytes = b"", service: str = ""
    ) -> Reply:
        headers = {**JSON, **(signed(service) if service else {})}
        return await ask(self.app, body, method=method, path=path, query=query, headers=headers)


@pytest.fixture
def paths() -> Paths:
    return Paths()


@pytest.mark.parametrize("service", ["scheduler", ""])
async def test_method_and_path_name_the_operation(paths: Paths, service: str) -> None:
    reply = await paths.ask("DELETE", "/schedules/a%2Eb", "groupName=g", service=service)

    assert (reply.status, reply.text) == (200, "{}")
    assert reply.headers["content-type"] == "application/json"
    assert paths.arguments == {"name": "a.b", "group_name": "g"}


async def test_a_label_may_hold_what_is_percent_encoded(paths: Paths) -> None:
    await paths.ask("DELETE", f"/tags/{GROUP_ARN}", "TagKeys=a&TagKeys=b%20c", service="scheduler")

    assert paths.arguments == {
        "resource_arn": "arn:aws:scheduler:us-east-1:000000000000:schedule-group/nightly",
        "tag_keys": ["a", "b c"],
    }


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/schedules/a/b"), ("PATCH", "/schedules/a"), ("GET", "/nothing")]
)
async def test_a_path_of_no_operation_is_not_found(paths: Paths, method: str, path: str) -> None:
    reply = await paths.ask(method, path, service="scheduler")

    assert (reply.status, reply.headers["x-amzn-errortype"]) == (404, "UnknownOperationException")
    assert reply.text == f'{{"message":"There is no {method} {path}."}}'


async def test_an_error_is_named_in_a_header(paths: Paths) -> None:
    reply = await paths.ask("GET", "/schedules", "MaxResults=0", service="scheduler")

    assert (reply.status, reply.headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert reply.text == (
        """{"Message":"1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: """
        """Member must have value greater than or equal to 1"}"""
    )


@pytest.mark.parametrize(
    ("query", "text"),
    [("MaxResults=x", "x can not be converted to an Integer"), ("NamePrefix=%ff", "cannot be read")],
)
async def test_a_query_string_that_cannot_be_read_is_refused(paths: Paths, query: str, text: str) -> None:
    reply = await paths.ask("GET", "/schedules", query, service="scheduler")

    assert (reply.status, reply.headers["x-amzn-errortype"]) == (400, "SerializationException")
    assert text in reply.text


async def test_a_body_that_is_not_json_is_refused_by_a_rest_service(paths: Paths) -> None:
    reply = await paths.ask("POST", "/schedules/a", body=b"{", service="scheduler")

    assert reply.headers["x-amzn-errortype"] == "SerializationException"


@pytest.mark.parametrize("path", ["/_pocketbus/health", "/health", "/_aws/sqs/messages"])
async def test_control_paths_stay_what_they_are(paths: Paths, path: str) -> None:
    reply = await paths.ask("GET", path, service="scheduler")

    assert paths.arguments is None
    assert "x-amzn-errortype" not in reply.headers


async def test_a_queue_url_takes_an_action_beside_rest_paths(paths: Paths) -> None:
    reply = await ask(paths.app, method="GET", path="/000000000000/orders", query="Action=GetQueueAttributes")

    assert (reply.status, "NonExistentQueue" in reply.text) == (400, True)


@pytest.mark.parametrize("path", ["/schedules/orders", "/tags/orders"])
async def test_what_is_signed_for_another_service_is_not_taken_by_a_path(paths: Paths, path: str) -> None:
    reply = await ask(
        paths.app,
        b"Action=ListQueues",
        path=path,
        headers={**signed("sqs"), "content-type": "application/x-www-form-urlencoded"},
    )

    assert (reply.status, "ListQueuesResponse" in reply.text) == (200, True)
