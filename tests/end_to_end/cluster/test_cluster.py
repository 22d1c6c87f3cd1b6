"""Three nodes on three servers of NATS: whatever fails, nothing acknowledged is lost, and nobody waits for long."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

import boto3
import pytest

from scripts.cluster import wait_until_ready
from scripts.ports import free_port
from tests.end_to_end.cluster.crowd import PATIENCE_SECONDS, ClusterCrowd
from tests.end_to_end.cluster.log import hold_log
from tests.end_to_end.cluster.machines import (
    Machines,
    Network,
    machines,
    may_make_networks,
    needs_nats,
)
from tests.end_to_end.crash import Client

pytestmark = needs_nats

_SECONDS = 60.0
MOST_SECONDS = float(os.environ.get("CLUSTER_SECONDS", "30"))
"""How long a client may be without an answer: on a busy machine. `make cluster-test` sets it to five."""


def until(condition: Callable[[], object]) -> None:
    """Wait for what is under way in other processes."""
    end = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Machines]:
    with machines(tmp_path) as found:
        yield found


@contextmanager
def working(three: Machines, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[ClusterCrowd]:
    """Have sixteen clients at work."""
    crowd = ClusterCrowd(1, three.nodes, patience_seconds)
    host, port = three.nodes[0]
    with closing(Client(port, host)) as client:
        crowd.prepare(client)
    crowd.start()
    try:
        yield crowd
    finally:
        crowd.end()


@pytest.fixture
def crowd(three: Machines) -> Iterator[ClusterCrowd]:
    with working(three) as found:
        yield found


def busy(crowd: ClusterCrowd, answers: int = 300) -> None:
    """Wait for so many answers more."""
    until_there = crowd.answers + answers
    until(lambda: crowd.answers >= until_there or crowd.failures)


def hold(crowd: ClusterCrowd, three: Machines) -> None:
    crowd.stop()
    host, port = three.nodes[three.writer() or 0]
    with closing(Client(port, host)) as client:
        crowd.hold(client)
    hold_log(three.nats.url("test"))
    sys.stderr.write(f"{crowd.answers} answers, {crowd.longest_seconds:.1f} seconds without one at most\n")
    assert crowd.longest_seconds < MOST_SECONDS


def test_a_writer_that_is_killed_has_lost_nothing(three: Machines, crowd: ClusterCrowd) -> None:
    for _ in range(2):
        until(three.is_settled)
        busy(crowd)
        killed = three.writer()
        assert killed is not None
        three.signal_node(killed, SIGKILL)
        until(lambda: three.writer() is not None)
        busy(crowd)
        three.start_node(killed)
        wait_until_ready(three.url(killed))

    hold(crowd, three)


def test_an_sdk_sees_nothing_of_a_writer_that_is_killed(three: Machines) -> None:
    until(three.is_settled)
    killed = three.writer()
    assert killed is not None
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    client = session.client("sqs", endpoint_url=three.url((killed + 1) % 3))
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = client.create_queue(QueueName="orders.fifo", Attributes=attributes)["QueueUrl"]
    bodies = [f"{number:02}" for number in range(40)]

    for body in bodies:
        if body == "20":
            three.signal_node(killed, SIGKILL)
        client.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="one")

    received: list[str] = []
    while len(received) < len(bodies):
        found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]
        for message in found:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            received.append(message["Body"])
    client.close()
    assert received == bodies


def test_a_server_of_the_log_that_is_killed_stops_nobody(three: Machines, crowd: ClusterCrowd) -> None:
    for _ in range(2):
        until(three.is_settled)
        busy(crowd)
        killed = three.leader_of_the_log()
        three.nats.kill(killed)
        busy(crowd)
        three.nats.start(killed)
        until(three.log_is_whole)

    hold(crowd, three)


def test_a_machine_that_is_killed_stops_nobody_for_long(three: Machines, crowd: ClusterCrowd) -> None:
    until(three.is_settled)
    busy(crowd)
    killed = three.writer()
    assert killed is not None
    three.nats.kill(killed)
    three.signal_node(killed, SIGKILL)
    busy(crowd)
    three.nats.start(killed)
    three.start_node(killed)
    wait_until_ready(three.url(killed))

    hold(crowd, three)


def test_a_writer_that_was_asleep_writes_nothing_when_it_wakes_up(three: Machines) -> None:
    # Whoever has asked it has to find out for himself: it answers nothing at all.
    with working(three, patience_seconds=2.5) as crowd:
        until(three.is_settled)
        busy(crowd)
        asleep = three.writer()
        assert asleep is not None
        others = [number for number in range(3) if number != asleep]
        three.signal_node(asleep, SIGSTOP)
        until(lambda: three.writer(*others) is not None)
        busy(crowd)
        three.signal_node(asleep, SIGCONT)
        until(lambda: three.told(asleep)["shards"][0]["role"] == "standby")
        busy(crowd)

        assert "not the writer any more" in three.log_of(asleep)
        hold(crowd, three)


@pytest.mark.skipif(not may_make_networks(), reason="namespaces of the network cannot be made here")
def test_a_writer_that_is_cut_off_answers_nobody_and_follows_when_it_is_back(tmp_path: Path) -> None:
    with ExitStack() as stack:
        network = Network(stack, f"{free_port():x}")
        places = {"hosts": network.hosts, "fronts": network.fronts, "within": network.within}
        three = stack.enter_context(machines(tmp_path, **places))
        crowd = stack.enter_context(working(three))
        until(three.is_settled)
        busy(crowd)
        away = three.writer()
        assert away is not None
        others = [number for number in range(3) if number != away]
        network.cut(away)
        until(lambda: three.writer(*others) is not None)
        busy(crowd)
        network.heal(away)
        until(lambda: three.told(away)["shards"][0]["role"] == "standby")
        busy(crowd)

        hold(crowd, three)
