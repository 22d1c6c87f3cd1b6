"""The command with seeds, scripts and neighbours' files, in a folder that stands for an image's root."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from pocketbus.start.scripts import PROGRAMS
from scripts.ports import free_port
from tests.children import start as start_child

SEEDS = Path(__file__).parent / "seeds"
SECONDS = 60

READY = """#!/bin/bash
set -e
aws sqs create-queue --queue-name by-aws
awslocal sqs create-queue --queue-name by-awslocal
"""


class Running:
    """A command that is ready; what it said, and a way to end it."""

    def __init__(self, process: subprocess.Popen[str], said: list[str]) -> None:
        self.process = process
        self.said = said
        self.url = said[0].split()[2].rstrip(",")

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.url}{path}").json()

    def queues(self) -> list[str]:
        return sorted(one["name"] for one in self.get("/_pocketbus/queues")["queues"])

    def end(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=SECONDS)
        assert self.process.returncode == 0
        return errors


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pocketbus", "--port", "0", *arguments]


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a container: nothing of ours, the programs first in its path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": "/nonexistent", "AWS_PAGER": ""} | variables


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    processes = []

    def start(*arguments: str, **variables: str) -> Running:
        process = start_child(
            command("--root", str(tmp_path), *arguments),
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        said = [process.stdout.readline(), process.stdout.readline()]
        assert said[1] == "Ready.\n"
        return Running(process, said)

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def refused(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def put(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def test_a_server_begins_with_its_seed_and_exports_it(start: Any) -> None:
    running = start("--init", str(SEEDS / "everything.toml"))
    exported = subprocess.run(
        [sys.executable, "-m", "pocketbus", "export", "--url", running.url],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    ).stdout

    assert running.queues() == ["audit.fifo", "billing", "billing-dlq", "far"]
    assert tomllib.loads(exported) == running.get("/_pocketbus/resources")


def test_what_was_exported_begins_another_server_with_the_same(start: Any, tmp_path: Path) -> None:
    first = start("--init", str(SEEDS / "everything.toml"))
    put(tmp_path / "resources.json", json.dumps(first.get("/_pocketbus/resources")))
    second = start(POCKETBUS_INIT=str(tmp_path / "resources.json"))

    assert second.get("/_pocketbus/resources") == first.get("/_pocketbus/resources")


def test_the_export_of_no_server_says_where_it_looked() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pocketbus", "export", "--url", "http://127.0.0.1:1"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("pocketbus export: no server answers at http://127.0.0.1:1: ")


def test_a_folder_is_taken_in_the_order_of_its_names(start: Any, tmp_path: Path) -> None:
    put(tmp_path / "init" / "10-queues.toml", '[[queues]]\nQueueName = "first"\n')
    put(
        tmp_path / "init" / "20-check.sh",
        "curl --fail --silent $POCKETBUS_URL/_aws/sqs/messages/us-east-1/"
        "000000000000/first && test $(curl -s -o /dev/null -w '%{http_code}' $POCKETBUS_URL/health) = 503\n",
    )
    put(
        tmp_path / "init" / "30-more.yaml",
        "topics:\n- Name: second\nsubscriptions:\n- {TopicArn: second, Protocol: sqs, Endpoint: first}\n",
    )
    put(
        tmp_path / "init" / "40-read.py",
        "import os, urllib.request\nurllib.request.urlopen(os.environ["
        "'AWS_ENDPOINT_URL'] + '/?Action=CreateQueue&QueueName=by-python')\n",
    )
    put(tmp_path / "init" / "README.md", "not a seed")
    running = start("--init", str(tmp_path / "init"))

    assert running.queues() == ["by-python", "first"]
    assert len(running.get("/_pocketbus/subscriptions")["subscriptions"]) == 1
    assert httpx.get(f"{running.url}/health").status_code == 200


def test_a_reset_seeds_anew_when_asked(start: Any) -> None:
    running = start("--init", str(SEEDS / "everything.toml"))
    httpx.post(f"{running.url}/_pocketbus/reset")
    assert running.queues() == []

    assert httpx.post(f"{running.url}/_pocketbus/reset?init=1").json() == {"status": "ok"}
    assert running.queues() == ["audit.fifo", "billing", "billing-dlq", "far"]
    assert httpx.post(f"{running.url}/_ministack/reset?init=1").json() == {"reset": "ok"}
    assert running.queues() == ["audit.fifo", "billing", "billing-dlq", "far"]


def test_a_reset_whose_seed_fails_says_why_and_leaves_nothing(start: Any, tmp_path: Path) -> None:
    put(tmp_path / "init" / "1.toml", '[[queues]]\nQueueName = "first"\n')
    put(tmp_path / "init" / "2.sh", "test ! -e $(dirname $0)/broken\n")
    running = start("--init", str(tmp_path / "init"))
    put(tmp_path / "init" / "broken", "")
    answer = httpx.post(f"{running.url}/_pocketbus/reset?init=1")

    assert answer.status_code == 400
    assert answer.json()["error"].endswith("2.sh: the script failed, so the server is not seeded")
    assert running.queues() == []


def test_a_wrong_line_is_told_with_its_place_and_the_server_does_not_begin(tmp_path: Path) -> None:
    put(tmp_path / "a.toml", '[[queues]]\nQueueName = "a"\nSize = 3\n')
    done = refused("--init", str(tmp_path / "a.toml"), "--root", str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"pocketbus: {tmp_path}/a.toml:3: queues: there is no parameter Size;")


def test_what_aws_refuses_is_told_with_its_place_and_the_server_ends(tmp_path: Path) -> None:
    put(tmp_path / "a.toml", '[[queues]]\nQueueName = "a"\n[queues.Attributes]\nDelaySeconds = 901\n')
    done = refused("--init", str(tmp_path / "a.toml"), "--root", str(tmp_path))

    assert (done.returncode, "Ready." in done.stdout) == (1, False)
    assert done.stderr == (
        f"pocketbus: {tmp_path}/a.toml:4: queues: InvalidAttributeValue: "
        "Invalid value for the parameter DelaySeconds.\n"
    )


@pytest.mark.parametrize(
    ("init", "reason"),
    [
        ("absent", "there is no such file or folder"),
        ("a.txt", "a seed ends with .toml, .json, .yaml, .yml, .conf, .sh or .py"),
    ],
)
def test_what_is_no_seed_is_refused(tmp_path: Path, init: str, reason: str) -> None:
    put(tmp_path / "a.txt", "")
    done = refused("--init", str(tmp_path / init))

    assert done.stderr == f"pocketbus: {tmp_path}/{init}: {reason}\n"


def test_a_localstack_folder_runs_as_there(start: Any, tmp_path: Path) -> None:
    init = tmp_path / "etc" / "localstack" / "init"
    put(init / "boot.d" / "1.sh", f"echo boot >> {tmp_path}/log\n")
    put(init / "start.d" / "1.sh", f"echo start >> {tmp_path}/log\n")
    put(init / "ready.d" / "1.sh", READY, 0o755)
    put(init / "ready.d" / "2-fails.sh", "exit 3\n")
    put(init / "ready.d" / "deeper" / "3.py", f"open('{tmp_path}/log', 'a').write('python\\n')\n")
    put(init / "shutdown.d" / "1.sh", f"curl -s $AWS_ENDPOINT_URL/health >> {tmp_path}/log\n")
    running = start(
        GATEWAY_LISTEN="0.0.0.0:4566", DEFAULT_REGION="eu-central-1", PERSISTENCE="1", SERVICES="sqs,s3"
    )

    assert running.queues() == ["by-aws", "by-awslocal"]
    assert running.get("/_pocketbus/queues")["queues"][0]["arn"].split(":")[3] == "eu-central-1"
    assert running.get("/_localstack/init/ready") == {
        "completed": True,
        "scripts": [
            {"stage": "READY", "name": "1.sh", "state": "SUCCESSFUL"},
            {"stage": "READY", "name": "2-fails.sh", "state": "ERROR"},
            {"stage": "READY", "name": "3.py", "state": "SUCCESSFUL"},
        ],
    }
    assert running.get("/_localstack/init")["completed"] == {
        "BOOT": True,
        "START": True,
        "READY": True,
        "SHUTDOWN": False,
    }
    errors = running.end()
    assert (tmp_path / "log").read_text() == 'boot\nstart\npython\n{"status":"ok"}'
    assert "2-fails.sh ended with status 3" in errors
    assert [path.name for path in (tmp_path / "var/lib/localstack/pocketbus").glob("*.journal")] == [
        "0000000000000000.journal"
    ]
    assert errors.count("SERVICES: ") == 1


def client(running: Running, service: str, url: str | None = None, region: str = "us-east-1") -> Any:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)
    return session.client(service, endpoint_url=url or running.url)


def test_an_elasticmq_file_where_its_image_has_it_begins_the_server(start: Any, tmp_path: Path) -> None:
    port, statistics = free_port(), free_port()
    text = (SEEDS / "elasticmq.conf").read_text(encoding="utf-8")
    text = re.sub("bind-port = 9324", f"bind-port = {port}", text)
    put(tmp_path / "opt" / "elasticmq.conf", f"{text}\nrest-stats {{ bind-port = {statistics} }}\n")
    running = start()
    sqs = client(running, "sqs", f"http://127.0.0.1:{port}", "us-west-2")

    assert sqs.get_queue_url(QueueName="orders")["QueueUrl"] == f"http://127.0.0.1:{port}/000000000000/orders"
    assert [one["name"] for one in httpx.get(f"http://127.0.0.1:{statistics}/statistics/queues").json()] == [
        "orders",
        "orders-dlq",
        "audit.fifo",
    ]
    assert "elasticmq.conf: copyTo of orders has no effect here" in running.end()


def test_a_goaws_file_where_its_image_has_it_begins_the_server(start: Any, tmp_path: Path) -> None:
    port = free_port()
    text = (SEEDS / "goaws.yaml").read_text(encoding="utf-8").replace("4100", str(port))
    put(tmp_path / "conf" / "goaws.yaml", text)
    running = start()
    topic = "arn:aws:sns:us-east-1:100010001000:orders"
    sns = client(running, "sns", f"http://127.0.0.1:{port}")
    sns.publish(
        TopicArn=topic,
        Message="order 1",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "placed"}},
    )

    sqs = client(running, "sqs")
    (message,) = sqs.receive_message(QueueUrl=f"{running.url}/100010001000/orders")["Messages"]
    assert message["Body"] == "order 1"


def test_a_fauxqs_file_named_by_its_variable_begins_the_server(start: Any) -> None:
    running = start(FAUXQS_INIT=str(SEEDS / "fauxqs.json"))

    assert running.queues() == ["audit.fifo", "orders"]
    assert "buckets are not here" in running.end()


def test_a_variable_of_another_emulator_that_cannot_be_read_is_named() -> None:
    done = refused(LS_LOG="chatty")

    assert done.returncode == 2
    assert done.stderr.startswith("pocketbus: LS_LOG: 'chatty' is no log level")


def test_without_the_aws_cli_awslocal_says_what_to_install(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "dirname", "readlink", "sed", "printf"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    done = subprocess.run(
        [PROGRAMS / "awslocal", "sqs", "list-queues"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (
        127,
        "There is no AWS CLI here: pip install awscli, or use the image whose tag ends with -cli.\n",
    )
