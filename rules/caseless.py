"""Caseless comparison as EventBridge does it: each character of the pattern stands for itself and its lower and
upper forms, so `straße` covers `STRASSE` and not the other way round."""

from functools import lru_cache

Forms = tuple[tuple[str, ...], ...]


def forms(pattern: str) -> Forms:
    """List what each character of a pattern may be written as.

    >>> forms("aß")
    (('a', 'A'), ('ß', 'SS'))
    """
    return tuple(_forms_of(char) for char in pattern)


@lru_cache(maxsize=1024)
def _forms_of(char: str) -> tuple[str, ...]:
    # The reference maps one UTF-16 unit at a time: a character of two units has no other form.
    if char > "\uffff":
        return (char,)
    return tuple(dict.fromkeys((char, char.lower(), char.upper())))


def end_of_match(wanted: Forms, value: str) -> int | None:
    """Return where a match that begins at 0 ends, or None.

    No two forms of a character begin alike, so there is never a choice to undo.
    """
    at = 0
    for variants in wanted:
        for variant in variants:
            if value.startswith(variant, at):
                at += len(variant)
                break
        else:
            return None
    return at


def start_of_match(wanted: Forms, value: str) -> int | None:
    """Return where a match that ends with the value starts, or None."""
    at = len(value)
    for variants in reversed(wanted):
        for variant in variants:
            if value.endswith(variant, 0, at):
                at -= len(variant)
                break
        else:
            return None
    return at


def folded_key(wanted: Forms) -> str | None:
    """Return what `casefold` makes of every value that matches, or None where that is not one text."""
    keys = [key for variants in wanted if (key := _folded(variants)) is not None]
    return "".join(keys) if len(keys) == len(wanted) else None


@lru_cache(maxsize=1024)
def _folded(variants: tuple[str, ...]) -> str | None:
    keys = {form.casefold() for form in variants}
    return keys.pop() if len(keys) == 1 else None
