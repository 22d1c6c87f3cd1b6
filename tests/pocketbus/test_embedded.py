"""The emulator in this process: clients without a socket, the server beside them, the clock, the end."""

import json
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pocketbus import Emulator, embedded, loop_thread, server


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as emulator:
        yield emulator


@pytest.fixture
def in_background() -> Iterator[Callable[..., Future[Any]]]:
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit


def create_queue(sqs: Any, name: str = "orders") -> str:
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url


def receive(sqs: Any, url: str, wait_seconds: int = 0) -> list[str]:
    answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=wait_seconds)
    return [message["Body"] for message in answer.get("Messages", [])]


def until_waiting(emulator: Emulator, count: int) -> None:
    """Return once so many long polls wait: a poll sets a timer for its end."""
    give_up_at = time.monotonic() + 10
    while emulator.call(lambda engine: len(engine.timers)) < count:
        assert time.monotonic() < give_up_at


def test_a_client_reaches_the_emulator_without_a_socket(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "botocore.httpsession.URLLib3Session.send", lambda *_: pytest.fail("a socket is used")
    )
    sqs = emulator.client("sqs")
    url = create_queue(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="déjà vu")

    assert receive(sqs, url) == ["déjà vu"]


def test_a_resource_reaches_the_emulator(emulator: Emulator) -> None:
    queue = emulator.resource("sqs").create_queue(QueueName="orders")
    queue.send_message(MessageBody="job")

    assert [message.body for message in queue.receive_messages()] == ["job"]


def test_a_client_raises_the_errors_of_the_service(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")

    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as raised:
        sqs.get_queue_url(QueueName="absent")

    assert raised.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_client_of_a_service_that_is_not_served_is_told_so(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match="is not served here"):
        emulator.client("kinesis").list_streams()


def test_a_clients_options_are_boto3s_own(emulator: Emulator) -> None:
    sqs = emulator.client("sqs", region_name="eu-west-1", aws_access_key_id="123456789012")
    attributes = sqs.get_queue_attributes(QueueUrl=create_queue(sqs), AttributeNames=["QueueArn"])

    assert attributes["Attributes"] == {"QueueArn": "arn:aws:sqs:eu-west-1:123456789012:orders"}


def test_the_users_own_aws_settings_do_not_matter(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile broken]\nregion = mars\nparameter_validation = perhaps\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "broken")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://mars.invalid")

    assert create_queue(emulator.client("sqs")) == "http://localhost:4566/000000000000/orders"


def test_an_emulator_has_the_account_and_the_region_it_was_given() -> None:
    with Emulator(account="111111111111", region="eu-north-1") as emulator:
        sqs = emulator.client("sqs")
        attributes = sqs.get_queue_attributes(QueueUrl=create_queue(sqs), AttributeNames=["QueueArn"])

    assert attributes["Attributes"] == {"QueueArn": "arn:aws:sqs:eu-north-1:111111111111:orders"}


def test_the_same_seed_gives_the_same_identifiers() -> None:
    def message_id() -> str:
        with Emulator(seed=7) as emulator:
            sqs = emulator.client("sqs")
            found: str = sqs.send_message(QueueUrl=create_queue(sqs), MessageBody="job")["MessageId"]
            return found

    assert message_id() == message_id()


def test_two_emulators_do_not_know_of_each_other(emulator: Emulator) -> None:
    with Emulator() as other:
        mine, yours = emulator.client("sqs"), other.client("sqs")
        create_queue(mine, "mine")
        create_queue(yours, "yours")
        emulator.freeze()
        emulator.set(0)

        assert [url.rpartition("/")[2] for url in mine.list_queues()["QueueUrls"]] == ["mine"]
        assert [url.rpartition("/")[2] for url in yours.list_queues()["QueueUrls"]] == ["yours"]
        assert emulator.url != other.url
        assert other.now() > 0


def test_a_long_poll_is_answered_by_a_send_from_another_thread(
    emulator: Emulator, in_background: Callable[..., Future[Any]]
) -> None:
    sqs = emulator.client("sqs")
    url = create_queue(sqs)
    emulator.freeze()
    poll = in_background(receive, sqs, url, 20)
    until_waiting(emulator, 1)
    sqs.send_message(QueueUrl=url, MessageBody="job")

    assert poll.result(5) == ["job"]


def test_a_long_poll_ends_when_the_clock_is_advanced(
    emulator: Emulator, in_background: Callable[..., Future[Any]]
) -> None:
    sqs = emulator.client("sqs")
    url = create_queue(sqs)
    emulator.freeze()
    poll = in_background(receive, sqs, url, 20)
    until_waiting(emulator, 1)
    emulator.advance(20)

    assert poll.result(5) == []


def test_a_long_poll_that_is_given_up_takes_no_message(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = emulator.client("sqs")
    url = create_queue(sqs)
    emulator.freeze()
    with monkeypatch.context() as impatient:
        impatient.setattr(loop_thread, "_ANSWER_SECONDS", 0.05)
        with pytest.raises(TimeoutError, match="The emulator has not answered"):
            receive(sqs, url, 20)
    sqs.send_message(QueueUrl=url, MessageBody="job")

    assert receive(sqs, url) == ["job"]


def test_the_server_shows_the_same_queues(emulator: Emulator) -> None:
    url = create_queue(emulator.client("sqs"))
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    over_http = session.client("sqs", endpoint_url=emulator.url)
    over_http.send_message(QueueUrl=url, MessageBody="job")
    over_http.close()

    assert receive(emulator.client("sqs"), url) == ["job"]


def test_the_server_keeps_its_address(emulator: Emulator) -> None:
    assert emulator.url == emulator.url


@pytest.fixture
def listens(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Record each address that is listened on."""
    addresses: list[tuple[str, int]] = []

    def recorded(host: str, port: int) -> socket.socket:
        addresses.append((host, port))
        return server.listen(host, port)

    monkeypatch.setattr(embedded, "listen", recorded)
    return addresses


def test_no_server_runs_until_its_address_is_asked_for(listens: list[tuple[str, int]]) -> None:
    with Emulator() as emulator:
        create_queue(emulator.client("sqs"))

        assert listens == []


def test_an_emulator_can_serve_from_the_start(listens: list[tuple[str, int]]) -> None:
    with Emulator(serve=True) as emulator:
        assert listens == [("127.0.0.1", 0)]
        with urllib.request.urlopen(f"{emulator.url}/_pocketbus/health") as answer:
            assert json.load(answer)["status"] == "ok"


def test_the_end_answers_open_long_polls_long_before_their_time(
    in_background: Callable[..., Future[Any]],
) -> None:
    with Emulator(serve=True) as emulator:
        direct = emulator.client("sqs")
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        over_http = session.client("sqs", endpoint_url=emulator.url, region_name="us-east-1")
        url = create_queue(direct)
        emulator.freeze()
        polls = [in_background(receive, client, url, 20) for client in (direct, over_http)]
        until_waiting(emulator, 2)
        before = time.monotonic()

    assert time.monotonic() - before < 10
    assert [poll.result(5) for poll in polls] == [[], []]
    over_http.close()


def test_after_its_end_an_emulator_refuses_requests(emulator: Emulator) -> None:
    with Emulator() as ended:
        sqs = ended.client("sqs")

    with pytest.raises(RuntimeError, match="only inside its with block"):
        sqs.list_queues()


def test_an_emulator_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    with Emulator(serve=True):
        pass

    assert threading.active_count() == before


def test_a_frozen_clock_stands_still(emulator: Emulator) -> None:
    emulator.freeze()
    frozen_at = emulator.now()

    assert emulator.now() == frozen_at


def test_a_thawed_clock_runs_on_from_where_it_stood(emulator: Emulator) -> None:
    emulator.freeze()
    emulator.set(1_000_000)
    emulator.thaw()

    assert 1_000_000 <= emulator.now() < 1_000_060


def test_the_clock_can_be_set_and_advanced(emulator: Emulator) -> None:
    emulator.freeze()
    emulator.set(1_000_000)
    emulator.advance(2.5)

    assert emulator.now() == 1_000_002.5


def test_setting_the_clock_forward_fires_what_is_due_on_the_way(emulator: Emulator) -> None:
    fired: list[float] = []
    emulator.freeze()
    emulator.set(1_000_000)
    emulator.call(lambda engine: engine.timers.call_at(1_000_010, fired.append))
    emulator.set(1_000_060)

    assert fired == [1_000_010]


def test_thawing_the_clock_lets_its_timers_fire_by_themselves(emulator: Emulator) -> None:
    fired = threading.Event()
    emulator.freeze()
    emulator.call(lambda engine: engine.timers.call_at(engine.clock.now() + 0.01, lambda _: fired.set()))
    emulator.thaw()

    assert fired.wait(5)


def test_a_reset_forgets_every_queue(emulator: Emulator) -> None:
    sqs = emulator.client("sqs")
    create_queue(sqs)
    emulator.reset()

    assert "QueueUrls" not in sqs.list_queues()


def test_a_call_runs_on_the_emulators_own_thread_and_passes_its_result_and_error_on(
    emulator: Emulator,
) -> None:
    assert emulator.call(lambda _: threading.current_thread().name) == "pocketbus"
    with pytest.raises(ZeroDivisionError):
        emulator.call(lambda _: 1 / 0)


def test_without_boto3_a_client_says_what_to_install(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(ModuleNotFoundError, match="pip install boto3"):
        emulator.client("sqs")
