"""The page on other emulators, row by row, against a running server."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from pocketbus.apis.control.startup import STAGES
from pocketbus.start.places import CONFIGURATIONS, SCRIPTS
from pocketbus.start.variables import VARIABLES, notes_on, options_of
from tests.children import start as start_child

PAGE = (Path(__file__).parents[2] / "docs" / "COMPAT.md").read_text(encoding="utf-8")
PATHS = re.findall(r"^\| \S+ \| ([A-Z]+) `(\S+)` \| ([a-z ]+) \|", PAGE, re.MULTILINE)
VARIABLE_ROWS = re.findall(r"^\| \S+ \| `([A-Z_]+)` \| ([a-z ]+) \|", PAGE, re.MULTILINE)
BODIES = {
    ("POST", "/_aws/sns/phone-opt-outs"): {"phoneNumber": "+15550100"},
    ("POST", "/_localstack/health"): {"action": "restart"},
    ("PUT", "/_localstack/health"): {"features:initScripts": "initialized"},
    ("POST", "/_fakecloud/events/fire-rule"): {"busName": "default", "ruleName": "tick"},
    ("POST", "/moto-api/config"): {"batch": {"use_docker": False}},
}
ASKING = {"SERVICES": "sqs,s3", "LOCALSTACK_HOST": "localstack", "HOSTNAME_EXTERNAL": "localstack"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    command = [sys.executable, "-m", "pocketbus", "--port", "0"]
    environment = {"ENABLE_CONFIG_UPDATES": "1"}
    with start_child(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        where = process.stdout.readline()
        assert process.stdout.readline() == "Ready.\n"
        yield where.split()[2].rstrip(",")
        process.terminate()


@pytest.fixture
def names(url: str) -> dict[str, str]:
    """Make what the paths name."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    sqs, sns, events = (session.client(name, endpoint_url=url) for name in ("sqs", "sns", "events"))
    sqs.create_queue(QueueName="orders")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    rule = events.put_rule(Name="tick", ScheduleExpression="rate(1 day)")["RuleArn"]
    return {"subscription": subscription, "rule": rule}


def test_the_page_has_rows() -> None:
    assert len(PATHS) > 60
    assert {here for _, _, here in PATHS} == {"works", "answered", "not here"}


@pytest.mark.parametrize(("method", "path", "here"), PATHS)
def test_a_path_is_as_the_page_says(
    url: str, names: dict[str, str], method: str, path: str, here: str
) -> None:
    answer = httpx.request(method, url + path.format(**names), json=BODIES.get((method, path)))

    if here == "not here":
        assert answer.status_code in {400, 404}
        assert answer.json()["error"]
    else:
        assert answer.status_code in {200, 201, 204}


@pytest.mark.parametrize(("name", "here"), VARIABLE_ROWS)
def test_a_variable_is_as_the_page_says(name: str, here: str) -> None:
    environment = {name: ASKING.get(name, "1")}

    assert bool(notes_on(environment)) is (here == "not here")
    if name != "ENABLE_CONFIG_UPDATES":
        assert bool(options_of(environment)) is (here == "works")


def test_the_page_has_every_variable() -> None:
    assert sorted(name for name, _ in VARIABLE_ROWS) == sorted(one.name for one in VARIABLES)


def test_the_page_has_every_place_of_files() -> None:
    places = re.findall(r"^\| \S+ \| `(/\S+)` \| works \|", PAGE, re.MULTILINE)

    assert places == [
        *(f"/{SCRIPTS}/{stage.lower()}.d" for stage in STAGES),
        *(f"/{one}" for one in CONFIGURATIONS),
    ]


@pytest.mark.parametrize(
    "host", ["localhost.localstack.cloud", "sqs.us-east-1.localhost.localstack.cloud", "x.localhost"]
)
def test_a_host_of_localstack_is_served(url: str, names: dict[str, str], host: str) -> None:
    port = url.rpartition(":")[2]
    headers = {"host": f"{host}:{port}"}

    assert httpx.get(f"{url}/_localstack/health", headers=headers).status_code == 200
    answer = httpx.get(f"{url}/?Action=GetQueueUrl&QueueName=orders", headers=headers)
    assert f"http://{host}:{port}/000000000000/orders" in answer.text


def test_what_clients_put_into_health_is_shown_there(url: str) -> None:
    httpx.put(f"{url}/_localstack/health", json={"features:initScripts": "initialized"})
    shown: Any = httpx.get(f"{url}/_localstack/health").json()

    assert shown["features"] == {"initScripts": "initialized"}
    assert shown["services"]["sqs"] == "running"
    assert httpx.put(f"{url}/_localstack/health", json={"x": "y" * 70_000}).status_code == 413


def test_a_fired_rule_sends_its_event(url: str, names: dict[str, str]) -> None:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    arn = "arn:aws:sqs:us-east-1:000000000000:orders"
    session.client("events", endpoint_url=url).put_targets(Rule="tick", Targets=[{"Id": "q", "Arn": arn}])
    httpx.get(f"{url}/_aws/events/rules/{names['rule']}/trigger")

    received = session.client("sqs", endpoint_url=url).receive_message(QueueUrl=f"{url}/000000000000/orders")
    assert '"detail-type":"Scheduled Event"' in received["Messages"][0]["Body"].replace('": "', '":"')


def test_kill_ends_the_server() -> None:
    command = [sys.executable, "-m", "pocketbus", "--port", "0"]
    with start_child(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = process.stdout.readline().split()[2].rstrip(",")
        process.stdout.readline()
        httpx.post(f"{where}/_localstack/health", json={"action": "kill"})

        assert process.wait(timeout=20) == 0
