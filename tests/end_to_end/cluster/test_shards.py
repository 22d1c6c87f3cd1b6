"""Accounts on shards: each with a writer of its own, which the nodes share, and whichever node is asked."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from pocketbus.__main__ import main
from pocketbus.cluster.routing import shard_of
from pocketbus.emulator.topics.signing import CERTIFICATE_PATH
from tests.end_to_end.cluster.log import hold_log
from tests.end_to_end.cluster.machines import NAME, Machines, machines, needs_nats, until

pytestmark = needs_nats

ACCOUNTS = ["000000000000", "111122223333", "000000000001"]


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Machines]:
    with machines(tmp_path, "--shards", "3") as found:
        until(lambda: sorted(map(len, written(found).values())) == [1, 1, 1])
        yield found


def written(three: Machines, *among: int) -> dict[int, list[int]]:
    """Return the shards that each node writes."""
    return {
        number: [one["shard"] for one in three.told(number)["shards"] if one["role"] == "writer"]
        for number in among or range(3)
    }


def sqs(three: Machines, node: int, account: str) -> Any:
    session = boto3.Session(aws_access_key_id=account, aws_secret_access_key="test", region_name="us-east-1")
    return session.client("sqs", endpoint_url=three.url(node))


def test_the_nodes_share_the_shards_and_take_over_those_of_one_that_is_gone(three: Machines) -> None:
    for node, account in enumerate(ACCOUNTS):
        client = sqs(three, node, account)
        url = client.create_queue(QueueName="orders")["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody=account)
        client.close()

    three.signal_node(0, SIGKILL)
    until(lambda: sum(map(len, written(three, 1, 2).values())) == 3)

    for account in ACCOUNTS:
        client = sqs(three, 1, account)
        url = client.get_queue_url(QueueName="orders")["QueueUrl"]
        found = client.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"]
        client.close()
        assert [message["Body"] for message in found] == [account]
    for shard in range(3):
        hold_log(three.nats.url(NAME), shard, 3)


def test_a_control_path_without_a_shard_is_told_to_name_one(three: Machines) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{three.url(0)}/_pocketbus/trace")
    with caught.value as answer:
        assert json.load(answer) == {
            "error": "The accounts are spread over 3 shards: name an account with account=, or a shard with "
            "shard=0 to shard=2."
        }
    with urllib.request.urlopen(
        f"{three.url(0)}/_pocketbus/trace?shard={shard_of(ACCOUNTS[0], 3)}"
    ) as answer:
        assert answer.status == 200


def test_commands_name_an_account_or_something_of_it(
    three: Machines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = sqs(three, 0, ACCOUNTS[1])
    client.create_queue(QueueName="orders")
    client.close()
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNTS[1]}:orders"
    topic = f"arn:aws:sns:us-east-1:{ACCOUNTS[1]}:news"
    seed = tmp_path / "seed.toml"
    seed.write_text('[[topics]]\nName = "news"\n')
    mine = ("--account", ACCOUNTS[1])
    lines = (
        ("clock", "freeze", *mine),
        ("clock", *mine),
        ("import", str(seed), "--account", ACCOUNTS[0]),
        ("send", queue, "one"),
        ("send", "orders", "two", *mine),
        ("peek", queue),
        ("wait", "orders", "--count", "2", *mine),
        ("wait", queue, "--count", "2"),
        ("faults", *mine),
        ("export", *mine),
        ("explain", "--message", "m", "--topic", topic),
        ("purge", "orders", *mine),
        ("reset", *mine),
        ("clock",),
    )
    told = {}
    for line in lines:
        status = main([*line, "--url", three.url(0)])
        told[line] = (status, capsys.readouterr().err)

    absent = (
        f"pocketbus explain: There is no topic {topic}. `pocketbus topics` lists those there are; any client makes "
        "one, and so does `pocketbus import SEED`.\n"
    )
    which = (
        "pocketbus clock: The accounts are spread over 3 shards: name an account with account=, or a shard with "
        "shard=0 to shard=2. Of a command that is --account.\n"
    )
    assert told == dict.fromkeys(lines, (0, "")) | {lines[10]: (1, absent), lines[13]: (1, which)}


def test_every_control_path_takes_an_account(three: Machines) -> None:
    paths = ("clock", "trace", "faults", "bounds", "resources", "queues", "messages?queue=orders")
    client = sqs(three, 0, ACCOUNTS[1])
    client.create_queue(QueueName="orders")
    client.close()

    for path in paths:
        sign = "&" if "?" in path else "?"
        for node in range(3):
            url = f"{three.url(node)}/_pocketbus/{path}{sign}account={ACCOUNTS[1]}"
            with urllib.request.urlopen(url) as answer:
                assert answer.status == 200
    with urllib.request.urlopen(f"{three.url(0)}/metrics?account={ACCOUNTS[1]}") as answer:
        text = answer.read().decode()
    assert 'queue="orders"' in text
    assert re.search(r"^pocketbus_journal_messages_total [1-9]", text, re.MULTILINE)
    assert "pocketbus_journal_unacknowledged_inputs 0.0\n" in text


def test_a_worker_asks_any_node(three: Machines) -> None:
    arn = quote(f"arn:aws:lambda:us-east-1:{ACCOUNTS[1]}:function:f", safe="")
    for node in range(3):
        url = f"{three.url(node)}/_pocketbus/functions/{arn}/2018-06-01/runtime/invocation/none/response"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url, data=b"{}", timeout=30)
        with refused.value as answer:
            assert json.load(answer)["errorType"] == "InvalidRequestID"


def test_the_pages_show_the_shard_that_was_named(three: Machines) -> None:
    for account in ACCOUNTS:
        client = sqs(three, 0, account)
        client.create_queue(QueueName=f"of-{account}")
        client.close()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def page(path: str) -> str:
        with browser.open(f"{three.url(0)}{path}") as answer:
            found: str = answer.read().decode()
            return found

    assert "?shard=2" in page("/_pocketbus/ui")
    for account in ACCOUNTS:
        assert f"of-{account}" in page(f"/_pocketbus/ui?account={account}")
        names = [one for one in ACCOUNTS if f"of-{one}" in page("/_pocketbus/ui")]
        assert names == [account]
        assert page("/_pocketbus/ui/trouble")
    assert "{" in page("/_pocketbus/ui/static/inspector.css")


def test_the_certificate_of_signed_notifications_is_there(three: Machines) -> None:
    with urllib.request.urlopen(f"{three.url(0)}{CERTIFICATE_PATH}") as answer:
        assert b"BEGIN CERTIFICATE" in answer.read()
