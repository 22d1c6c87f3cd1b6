"""Which messages are the log, which servers lead it, and which shard a request is for: without any server."""

import re
from typing import Any

import pytest

from pocketbus.apis.control.parameters import LED
from pocketbus.cluster.address import Address
from pocketbus.cluster.head import Epoch, Head
from pocketbus.cluster.routing import account_of, named_shard, shard_of, without_shard

ONE = Epoch(1, 0, first=1, base=0, writer="one")
TWO = Epoch(2, 1, first=11, base=4, writer="one")
THREE = Epoch(3, 1, first=21, base=14, writer="other")
HEAD = Head((ONE, TWO, THREE))


def test_each_message_is_in_the_latest_epoch_that_begins_before_it() -> None:
    assert HEAD.part(1) == (ONE, 10)
    assert HEAD.part(10) == (ONE, 10)
    assert HEAD.part(11) == (TWO, 20)
    assert HEAD.part(99) == (THREE, None)
    assert Head((TWO,)).part(3) is None


def test_a_message_is_found_in_its_stream_behind_the_base_of_its_epoch() -> None:
    assert ONE.sequence(10) == 10
    assert TWO.sequence(11) == 5
    assert THREE.sequence(22) == 16


def test_a_head_is_read_as_it_was_written() -> None:
    assert Head.loads(HEAD.with_snapshot(5).dumps()) == HEAD.with_snapshot(5)
    assert Head.loads(b"") == Head()


def test_the_log_is_kept_from_the_older_of_two_snapshots_on() -> None:
    head = HEAD.with_snapshot(12)

    assert head.kept == 0
    assert head.with_snapshot(22) == Head((TWO, THREE), (22, 12))
    assert head.with_snapshot(22).kept == 12
    assert head.with_snapshot(22).with_snapshot(30) == Head((THREE,), (30, 22))


def test_what_is_not_needed_of_a_stream_is_what_is_before_the_older_snapshot() -> None:
    head = HEAD.with_snapshot(12).with_snapshot(22)

    assert head.needed(1) == TWO.sequence(12)
    assert head.needed(0) == 0


def test_an_address_names_servers_and_a_log() -> None:
    assert Address.of("nats://a,b:4223,user:word@c/bus") == Address(
        ("nats://a", "nats://b:4223", "nats://user:word@c"), "bus"
    )


@pytest.mark.parametrize("text", ["a/bus", "nats://a", "nats:///bus", "nats://a/b/c", "nats://a/b.c"])
def test_what_is_no_log_is_refused_with_what_one_is(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(repr(text))} is no log; give nats://HOST"):
        Address.of(text)


def scope(path: str = "/", query: bytes = b"", access_key: str = "111122223333") -> dict[str, Any]:
    credential = (
        f"AWS4-HMAC-SHA256 Credential={access_key}/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host"
    )
    return {"path": path, "query_string": query, "headers": [(b"authorization", credential.encode())]}


@pytest.mark.parametrize(
    ("scope", "body", "account"),
    [
        (scope(), b"{}", "111122223333"),
        (scope(access_key="test"), b"{}", "000000000000"),
        (scope(), b'{"QueueUrl":"http://localhost:4566/444455556666/orders"}', "444455556666"),
        (
            scope(),
            b"Action=SendMessage&QueueUrl=http%3A%2F%2Flocalhost%2F444455556666%2Forders",
            "444455556666",
        ),
        (scope("/444455556666/orders"), b"", "444455556666"),
        (scope(), b'{"MessageBody":"http://localhost/444455556666/orders"}', "111122223333"),
    ],
)
def test_a_request_is_for_the_account_of_its_queue_or_of_its_client(
    scope: dict[str, Any], body: bytes, account: str
) -> None:
    assert account_of(scope, body, "000000000000") == account


def test_the_shard_of_an_account_is_always_the_same() -> None:
    assert [shard_of(account, 3) for account in ("000000000000", "111122223333", "444455556666")] == [0, 1, 0]


def test_a_control_path_names_its_shard_or_an_account() -> None:
    path, nobody = "/_pocketbus/trace", "test"

    assert named_shard(scope(path, access_key=nobody), 1) == 0
    assert named_shard(scope(path, b"shard=0"), 1) == 0
    assert named_shard(scope(path, b"shard=1"), 1) is None
    assert named_shard(scope(path, access_key=nobody), 3) is None
    assert named_shard(scope(path, b"limit=3&shard=2"), 3) == 2
    assert named_shard(scope(path, b"shard=3"), 3) is None
    assert named_shard(scope(path, b"account=000000000000"), 3) == 0


def test_a_control_path_that_names_no_shard_is_asked_of_that_of_its_client() -> None:
    assert named_shard(scope("/_pocketbus/clock", access_key="111122223333"), 3) == 1


def test_a_worker_is_led_to_the_shard_of_its_function() -> None:
    path = (
        "/_pocketbus/functions/arn:aws:lambda:us-east-1:111122223333:function:f/2018-06-01/runtime/init/error"
    )

    assert named_shard(scope(path, access_key="test"), 3) == 1


def test_what_has_led_to_a_shard_is_taken_off() -> None:
    path = "/_pocketbus/trace"

    assert without_shard(scope(path, b"limit=3&shard=1"))["query_string"] == b"limit=3"
    assert LED in without_shard(scope(path, b"account=111122223333"))
    assert LED not in without_shard(scope(path, b"limit=3"))
