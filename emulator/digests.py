"""The MD5 digests SQS answers with, so that SDKs can check what was stored."""

from collections.abc import Iterable, Mapping

try:  # of a small text it makes the digest in half the time that OpenSSL takes
    from _md5 import md5  # type: ignore[import-not-found]
except ImportError:
    from hashlib import md5

_STRING, _BINARY = b"\x01", b"\x02"


def md5_of_body(body: bytes) -> str:
    digest: str = md5(body, usedforsecurity=False).hexdigest()
    return digest


def md5_of_attributes(attributes: Mapping[str, tuple[str, str | bytes]]) -> str:
    """Digest (data type, value) pairs by name, sorted, each part behind its length.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
    """
    digest = md5(usedforsecurity=False)
    for name in sorted(attributes):
        for part in _parts(name, *attributes[name]):
            digest.update(part)
    text: str = digest.hexdigest()
    return text


def _parts(name: str, data_type: str, value: str | bytes) -> Iterable[bytes]:
    yield _measured(name.encode("utf-8"))
    yield _measured(data_type.encode("utf-8"))
    if isinstance(value, bytes):
        yield _BINARY + _measured(value)
    else:
        yield _STRING + _measured(value.encode("utf-8", "surrogatepass"))


def _measured(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part
