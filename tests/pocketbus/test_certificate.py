"""What HTTPS is served with, by the command and its clients."""

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import httpx
import pytest
from cryptography import x509

from pocketbus.certificate import CertificateError, context_of, self_signed
from tests.children import start as start_child

PAGE = (Path(__file__).parents[2] / "docs" / "HTTP.md").read_text(encoding="utf-8")
Start = Callable[..., str]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the command, and return where it serves HTTP."""
    processes = []

    def start(*arguments: str, **variables: str) -> str:
        process = start_child(
            [sys.executable, "-m", "pocketbus", "--port", "0", *arguments],
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        where = process.stdout.readline()
        assert " and https, account " in where
        assert process.stdout.readline() == "Ready.\n"
        return str(where.split()[2])

    yield start
    for process in processes:
        process.terminate()
        process.communicate()


def test_boto3_trusts_what_it_has_fetched(start: Start, tmp_path: Path) -> None:
    url = start("--tls", "self-signed")
    bundle = tmp_path / "pocketbus.pem"
    bundle.write_bytes(httpx.get(f"{url}/_pocketbus/certificate.pem").content)
    secure = url.replace("http:", "https:")

    sqs = boto3.client(
        "sqs",
        endpoint_url=secure,
        verify=str(bundle),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )

    assert sqs.create_queue(QueueName="jobs")["QueueUrl"] == f"{secure}/000000000000/jobs"


def test_the_commands_ask_over_https_too(start: Start, tmp_path: Path) -> None:
    url = start(POCKETBUS_TLS="self-signed")
    bundle = tmp_path / "pocketbus.pem"
    bundle.write_bytes(httpx.get(f"{url}/_pocketbus/certificate.pem").content)
    health = [sys.executable, "-m", "pocketbus", "health", "--url", url.replace("http:", "https:")]

    trusting = subprocess.run(
        health, env=os.environ | {"AWS_CA_BUNDLE": str(bundle)}, capture_output=True, check=False
    )
    doubting = subprocess.run(health, capture_output=True, text=True, check=False)

    assert trusting.returncode == 0
    assert doubting.returncode == 1
    assert "certificate verify failed" in doubting.stderr


def test_a_certificate_of_ones_own_is_used(start: Start, tmp_path: Path) -> None:
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for file, pem in zip(files, self_signed(["127.0.0.1"]), strict=True):
        file.write_bytes(pem)
    url = start("--tls", *map(str, files))

    answer = httpx.get(f"{url.replace('http:', 'https:')}/health", verify=context_trusting(files[0]))

    assert answer.status_code == 200
    assert httpx.get(f"{url}/_pocketbus/certificate.pem").status_code == 404


def context_trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_of_the_page_prints_what_it_says(start: Start, tmp_path: Path) -> None:
    url = start("--tls", "self-signed")
    section = PAGE.partition("## HTTPS")[2]
    (example, shown) = re.findall(r"^```\w+\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)

    done = subprocess.run(
        [shutil.which("bash") or "bash", "-ec", example.replace("http://localhost:4566", url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.strip(), done.stderr) == (shown.strip(), "")


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (
            ["--tls", "nowhere.pem", "no.key"],
            1,
            "HTTPS cannot be served with nowhere.pem and no.key: No such file",
        ),
        (["--tls", "one"], 2, "--tls: 'one' is neither self-signed nor two files, CERTIFICATE,KEY"),
    ],
)
def test_what_cannot_be_used_is_one_line(arguments: list[str], status: int, reason: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pocketbus", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == status
    assert done.stderr.startswith(f"pocketbus: {reason}")
    assert done.stderr.count("\n") == 1


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    file.write_text("hello", encoding="utf-8")

    with pytest.raises(CertificateError, match="HTTPS cannot be served with"):
        context_of(str(file), str(file))


def test_a_certificate_is_for_the_names_it_was_made_for() -> None:
    pem, _ = self_signed(["localhost", "127.0.0.1"])
    names = x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )

    assert names.value.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(one) for one in names.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
