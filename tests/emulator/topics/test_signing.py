"""Signatures verify with the certificate, are always the same, and cost nothing until one is needed."""

import subprocess
import sys
from base64 import b64decode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from pocketbus.emulator.topics.signing import certificate, certificate_url, sign

MEMBERS = (("Message", "hé"), ("MessageId", "m-1"))


@pytest.mark.parametrize(("version", "algorithm"), [("1", SHA1()), ("2", SHA256())])  # noqa: S303 - version 1
def test_a_signature_verifies_with_the_certificate(version: str, algorithm: SHA1 | SHA256) -> None:
    key = x509.load_pem_x509_certificate(certificate()).public_key()

    assert isinstance(key, RSAPublicKey)
    key.verify(
        b64decode(sign(MEMBERS, version)),
        "Message\nhé\nMessageId\nm-1\n".encode(),
        PKCS1v15(),
        algorithm,
    )


def test_the_same_message_has_the_same_signature() -> None:
    assert sign(MEMBERS, "2") == sign(MEMBERS, "2")


def test_the_certificate_is_the_servers_own_unless_a_host_is_named() -> None:
    name = f"SimpleNotificationService-{'0' * 32}.pem"

    assert certificate_url("http://localhost:4566", None) == f"http://localhost:4566/_aws/sns/{name}"
    assert certificate_url("http://localhost:4566", "sns.test") == f"https://sns.test/{name}"


def test_neither_signatures_nor_http_clients_are_loaded_at_start_up() -> None:
    program = (
        "import sys, pocketbus.server, pocketbus.embedded\n"
        "print(sorted({'aiohttp', 'cryptography', 'yarl'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
