"""The signature under SNS's messages, by a key that is no secret, and the certificate that it verifies with.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# cryptography is imported when the first message is signed: most runs of the emulator sign nothing.

CERTIFICATE_NAME = f"SimpleNotificationService-{'0' * 32}.pem"
CERTIFICATE_PATH = f"/_aws/sns/{CERTIFICATE_NAME}"

# One key for all: the same message always has the same signature, and nobody should trust it.
_P = int(
    "fe3cc4cf4ab3b907710a553bf2b6b8b8bff3994e696a985fd451d69d9b73d8464a48c205d03ecc37b364fe5726034b379e13"
    "5c8dba84f84a9edc88d006103a900ebfe4ef34ed681a593a7d800330a9647e50dfe98232d4c07a9410654f45b64e47184bd5"
    "572eb2e5de3e9617ee01fa2fc0ec5f3449c65bf60e92ba36c3846703",
    16,
)
_Q = int(
    "d21c1f36b9dacd276ce68f95494f14148d17a76e9609ff0dab7c9b6a6437007c6e86c4964b597f6916049a0c05c7a3837924"
    "6921910ad893cbb1af71e2eb13d4c806bb4c7a9a4412dac7b23ae3e36d454929167d73cf7fb14eaa4024c8aa61a568e27f88"
    "f8c6d50618e3ce1e72a3cbde59b009f9666630ebab48e8b877dedde5",
    16,
)
_EXPONENT = 65_537
_VALID = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)


def certificate_url(base_url: str, host: str | None) -> str:
    """Return where the certificate is: below the server's own address, or at a host that stands for AWS's."""
    return base_url + CERTIFICATE_PATH if host is None else f"https://{host}/{CERTIFICATE_NAME}"


def sign(members: Iterable[tuple[str, str]], version: str) -> str:
    """Sign the names and values of a message, in AWS's order; version 1 hashes with SHA-1, 2 with SHA-256."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256  # noqa: PLC0415 - as above

    text = "".join(f"{name}\n{value}\n" for name, value in members)
    algorithm = SHA1() if version == "1" else SHA256()  # noqa: S303 - version 1 is what it is
    return b64encode(_key().sign(text.encode("utf-8", "surrogatepass"), PKCS1v15(), algorithm)).decode(
        "ascii"
    )


@cache
def certificate() -> bytes:
    """Return the certificate in PEM, issued by itself."""
    from cryptography import x509  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - as above

    # Some validators look for the word Amazon.
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pocketbus in the place of Amazon SNS")])
    builder = x509.CertificateBuilder(name, name, _key().public_key(), 1, *_VALID)
    return builder.sign(_key(), SHA256()).public_bytes(Encoding.PEM)


@cache
def _key() -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    public = rsa.RSAPublicNumbers(_EXPONENT, _P * _Q)
    private = pow(_EXPONENT, -1, (_P - 1) * (_Q - 1))
    numbers = rsa.RSAPrivateNumbers(
        _P, _Q, private, private % (_P - 1), private % (_Q - 1), pow(_Q, -1, _P), public
    )
    return numbers.private_key()
