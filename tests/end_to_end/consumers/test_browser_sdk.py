"""The AWS SDK for JavaScript in a web page: at home from an allowed origin, nothing from another."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.browser import Browser, Pages
from tests.end_to_end.conftest import Server
from tests.end_to_end.consumers.conftest import PACKAGES
from tests.end_to_end.consumers.program import FOLDER

Connect = Callable[..., Any]


@pytest.fixture(scope="session")
def bundle(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page's script and the SDK in one file, as a page loads it."""
    file: Path = tmp_path_factory.mktemp("bundle") / "page.js"
    command = [str(PACKAGES / ".bin" / "esbuild"), "sdk_page.mjs", "--bundle", f"--outfile={file}"]
    subprocess.run(
        [*command, "--platform=browser", "--log-level=error"],
        cwd=FOLDER,
        env={"NODE_PATH": str(PACKAGES), "PATH": str(Path(node).parent)},
        check=True,
        timeout=60,
    )
    return file


@pytest.fixture
def page(browser: Browser, pages: Pages, bundle: Path) -> Callable[[str], None]:
    """Open the page at a host."""

    def page(host: str) -> None:
        pages.put("/page.js", bundle)
        pages.put("/", "<script src='/page.js'></script>")
        browser.get(pages.origin(host))

    return page


@pytest.fixture
def queue_url(connect: Connect) -> str:
    """A queue that a topic and a rule deliver to."""
    sqs, sns, events = connect("sqs"), connect("sns"), connect("events")
    url: str = sqs.create_queue(QueueName="orders")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["page"]}))
    events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": arn, "InputPath": "$.detail.from"}])
    return url


@pytest.fixture
def use(browser: Browser, server: Server, account: str, queue_url: str) -> Callable[[], list[dict[str, Any]]]:
    """Have the page send a message, publish one and put an event."""

    def use() -> list[dict[str, Any]]:
        topic = f"arn:aws:sns:us-east-1:{account}:news"
        answers: list[dict[str, Any]] = browser.execute_async_script(
            "const done = arguments[4]; use(...Array.from(arguments).slice(0, 4)).then(done);",
            server.url,
            account,
            queue_url,
            topic,
        )
        return answers

    return use


def received(sqs: Any, queue_url: str) -> list[str]:
    messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(message["Body"] for message in messages)


def test_a_page_of_an_allowed_origin_sends_publishes_and_puts(
    page: Callable[[str], None], use: Callable[[], list[dict[str, Any]]], connect: Connect, queue_url: str
) -> None:
    page("localhost")

    answers = use()

    assert [answer.get("status") for answer in answers] == [200, 200, 200], answers
    assert all(answer["requestId"] for answer in answers)
    assert received(connect("sqs"), queue_url) == ['"a page"', "published", "sent"]


def test_a_page_reads_the_errors_of_an_allowed_origin(
    page: Callable[[str], None], browser: Browser, server: Server, account: str
) -> None:
    page("localhost")

    answer = browser.execute_async_script(
        "fail(arguments[0], arguments[1]).then(arguments[2]);", server.url, account
    )

    assert answer["error"] == "QueueDoesNotExist"
    assert answer["requestId"]


def test_a_page_of_another_origin_does_nothing(
    page: Callable[[str], None], use: Callable[[], list[dict[str, Any]]], connect: Connect, queue_url: str
) -> None:
    page("evil.example")

    answers = use()

    assert [answer.get("error") for answer in answers] == ["TypeError"] * 3, answers
    assert received(connect("sqs"), queue_url) == []
