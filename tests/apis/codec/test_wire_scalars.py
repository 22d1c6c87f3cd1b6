"""Timestamps and blobs in text."""

import pytest

from pocketbus.apis.codec import scalars


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000.25, "2023-11-14T22:13:20.250Z"),
        (1_700_000_000.9996, "2023-11-14T22:13:21.000Z"),
    ],
)
def test_an_instant_is_written_in_utc_with_milliseconds(at: float, text: str) -> None:
    assert scalars.to_iso8601(at) == text


@pytest.mark.parametrize(
    "text",
    ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20", "2023-11-15T00:13:20+02:00", "2023-11-14T22:13:20.000Z"],
)
def test_an_instant_is_read_in_any_offset_and_in_utc_without_one(text: str) -> None:
    assert scalars.from_iso8601(text) == 1_700_000_000.0


@pytest.mark.parametrize("text", ["", "soon", "1700000000.5", "2023-13-01T00:00:00Z"])
def test_text_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is Python's
        scalars.from_iso8601(text)


def test_a_blob_is_written_on_one_line() -> None:
    assert scalars.to_base64(b"x" * 60) == "eHh4" * 20


@pytest.mark.parametrize("text", ["*", "aGk", "aG k=", "é"])
def test_text_that_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is Python's
        scalars.from_base64(text)


@pytest.mark.parametrize(
    ("number", "kind", "fits"),
    [
        (2**31 - 1, "integer", True),
        (2**31, "integer", False),
        (-(2**31), "integer", True),
        (2**31, "long", True),
        (2**63, "long", False),
    ],
)
def test_a_number_fits_its_type(number: int, kind: str, fits: bool) -> None:
    assert scalars.fits(number, kind) is fits
