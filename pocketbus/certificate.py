"""What HTTPS is served with: the user's own certificate, or one that is made and signed here."""

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

NAMES = (
    *("localhost", "*.localhost", "pocketbus", "localstack", "host.docker.internal"),
    *("localhost.localstack.cloud", "*.localhost.localstack.cloud", "127.0.0.1", "::1"),
)
"""What a certificate that is made here is for, beside the host that is listened on."""
_VALID = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)


class CertificateError(Exception):
    """The certificate or its key cannot be used; the text says why."""


def context_of(certificate: str, key: str) -> ssl.SSLContext:
    """Return what serves TLS with a certificate and its key, both files in PEM. Raise CertificateError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or str(error)
        raise CertificateError(f"HTTPS cannot be served with {certificate} and {key}: {reason}") from error
    return context


def self_signed_context(host: str) -> tuple[ssl.SSLContext, bytes]:
    """Return what serves TLS with a new certificate for this machine, and that certificate in PEM."""
    certificate, key = self_signed((host, *NAMES))
    with TemporaryDirectory() as folder:  # ssl reads files only
        paths = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        for path, pem in zip(paths, (certificate, key), strict=True):
            path.write_bytes(pem)
        return context_of(*map(str, paths)), certificate


def self_signed(names: Iterable[str]) -> tuple[bytes, bytes]:
    """Make a certificate for names and addresses, and its key, both in PEM."""
    # Only who serves HTTPS needs them.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pocketbus")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *_VALID)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(one) for one in dict.fromkeys(names)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return (
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _general_name(text: str) -> "GeneralName":
    from cryptography import x509  # noqa: PLC0415

    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)
