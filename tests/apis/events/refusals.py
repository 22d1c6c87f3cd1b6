"""What a client is told when it is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from botocore.exceptions import ClientError


class Refusal(NamedTuple):
    code: str
    message: str
    status: int = 400


@contextmanager
def refused(code: str, message: str, status: int = 400) -> Iterator[None]:
    """Expect the block to be refused in just these words."""
    with pytest.raises(ClientError) as error:
        yield
    response = error.value.response
    found = Refusal(
        response["Error"]["Code"],
        response["Error"]["Message"],
        response["ResponseMetadata"]["HTTPStatusCode"],
    )

    assert found == Refusal(code, message, status), found
