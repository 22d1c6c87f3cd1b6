"""What shows in AWS's texts of the Java behind it: how values print, and the order of a set."""

from collections.abc import Mapping
from typing import Any

from pocketbus.apis.codec import scalars
from pocketbus.apis.model import Shape

# Members that the recorded texts print and the public models lack.
_UNPUBLISHED: Mapping[str, tuple[str, ...]] = {
    "PutEventsRequestEntry": ("kmsKeyIdentifier", "internalMetadata"),
}


def quoted(value: Any, shape: Shape) -> str:
    """Return how a text on a violation begins; what is sensitive is not repeated."""
    return "Value" if shape.sensitive else f"Value '{text(value, shape)}'"


def text(value: Any, shape: Shape) -> str:
    """Print a value of the model as Java does."""
    if value is None:
        return "null"
    if shape.sensitive:
        return "***Sensitive Data Redacted***"
    if shape.type == "structure":
        return _structure(value, shape)
    if shape.item is not None:
        item = shape.item
        return f"[{', '.join(text(element, item) for element in value)}]"
    if shape.value is not None:
        element = shape.value
        return f"{{{', '.join(f'{key}={text(item, element)}' for key, item in value.items())}}}"
    return _scalar(value, shape)


def _structure(value: Any, shape: Shape) -> str:
    fields = [
        f"{member.name[:1].lower()}{member.name[1:]}={text(value.get(member.name), member.shape)}"
        for member in shape.members
    ]
    fields += [f"{name}=null" for name in _UNPUBLISHED.get(shape.name, ())]
    return f"{shape.name}({', '.join(fields)})"


def _scalar(value: Any, shape: Shape) -> str:
    match shape.type:
        case "boolean":
            return "true" if value else "false"
        case "timestamp":
            return scalars.to_iso8601(value)
        case "blob":
            return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    return str(value)


def set_order(values: tuple[str, ...]) -> list[str]:
    """Return strings as AWS lists an enum: by hash bucket, later ones first within a bucket.

    The recorded texts are matched by 32 buckets of the bare String.hashCode.
    """
    buckets = 32
    while len(values) > buckets * 3 // 4:
        buckets *= 2
    newest_first = values[::-1]
    return sorted(newest_first, key=lambda value: _hash_code(value) % buckets)


def _hash_code(value: str) -> int:
    code = 0
    for character in value:
        code = (31 * code + ord(character)) & 0xFFFF_FFFF
    return code
