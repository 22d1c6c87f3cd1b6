"""The `wildcard` operator: its escapes, its match, and the measure by which AWS calls a rule too complex."""

from pocketbus.rules.rejection import InvalidPattern


def pieces(text: str) -> tuple[str, ...]:
    r"""Split a wildcard at its stars and undo its escapes, the only ones being `\*` and `\\`.

    >>> pieces("order-*.json")
    ('order-', '.json')
    >>> pieces(r"5 \* 3")
    ('5 * 3',)
    """
    parts: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        char = text[at]
        if char == "*":
            if text[at + 1 : at + 2] == "*":
                raise InvalidPattern(f"Consecutive wildcard characters at pos {_position(text, at)}")
            parts.append([])
        elif char == "\\":
            at += 1
            if text[at : at + 1] not in ("*", "\\"):
                raise InvalidPattern(f"Invalid escape character at pos {_position(text, at - 1)}")
            parts[-1].append(text[at])
        else:
            parts[-1].append(char)
        at += 1
    return tuple("".join(part) for part in parts)


def _position(text: str, at: int) -> int:
    """Count UTF-8 bytes from the opening quote, which is byte 0."""
    return 1 + len(text[:at].encode("utf-8", "replace"))


def wildcard_matches(parts: tuple[str, ...], value: str) -> bool:
    """Say whether the parts occur in order, the first at the start and the last at the end.

    Taking the leftmost place for each inner part is enough, so the cost is linear in the value.

    >>> wildcard_matches(("a", "b", ""), "a-b-c")
    True
    """
    first, *inner = parts
    if not inner:
        return value == first
    last = inner.pop()
    end = len(value) - len(last)
    at = len(first)
    if end < at or not value.startswith(first) or not value.endswith(last):
        return False
    for part in inner:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
