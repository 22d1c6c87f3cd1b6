"""The environment variables that lead AWS's clients, of any language, to an emulator and away from the user's AWS."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

HIDDEN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
_ENDPOINT = "AWS_ENDPOINT_URL"


def variables_for(url: str, account: str, region: str) -> dict[str, str]:
    """Return what a program must find in its environment so that its clients reach an account of an emulator."""
    return {
        _ENDPOINT: url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _forget_default_session() -> None:
    boto3: Any = sys.modules.get("boto3")
    if boto3 is not None:
        boto3.DEFAULT_SESSION = None


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these variables in this process, and hide those that would lead elsewhere; afterwards all is as it was.

    boto3's default session goes too: it would remember whose credentials it was first used with.
    """
    before = dict(os.environ)
    _forget_default_session()
    for name in before:
        if name in HIDDEN or name.startswith(f"{_ENDPOINT}_"):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        _forget_default_session()
        for name in variables.keys() | before.keys():
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)
