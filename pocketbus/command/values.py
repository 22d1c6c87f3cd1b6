"""The values of options, read from text; what cannot be one is refused with what it should be."""

import re
from argparse import ArgumentTypeError
from pathlib import Path

from pocketbus.cluster.address import Address
from pocketbus.emulator.buses.event_quotas import EventQuotas

LOG_LEVELS = ("critical", "error", "warning", "info", "debug")
OUTGOING = ("nearby", "anywhere")
LOG_FORMATS = ("text", "json")
UI = ("on", "read-only", "off")
SYNCS = ("os", "disk")
URL_FORMS = ("dynamic", "standard", "domain", "path", "off")
SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}
QUOTAS = EventQuotas.__struct_fields__
NONE = "none"
SELF_SIGNED = "self-signed"


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)


def account(text: str) -> str:
    if not re.fullmatch("[0-9]{12}", text):
        raise ArgumentTypeError(f"{text!r} is no account; give 12 digits")
    return text


def region(text: str) -> str:
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ArgumentTypeError(f"{text!r} is no region; give a name such as us-east-1")
    return text


def log_level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ArgumentTypeError(f"{text!r} is no log level; give one of {', '.join(LOG_LEVELS)}")
    return text.lower()


def hosts(text: str) -> frozenset[str]:
    return _listed(
        text, r"\*|[^\s:/*]+", "host name; give one without scheme and port, such as bus.example.com"
    )


def origins(text: str) -> frozenset[str]:
    return _listed(
        text,
        r"\*|null|[a-z][a-z0-9+.-]*://[^\s/*]+",
        "origin; give one such as https://app.example.com:8443",
    )


def _listed(text: str, pattern: str, what: str) -> frozenset[str]:
    """Read values that are separated by commas, whatever their case."""
    parts = [part.strip() for part in text.lower().split(",")] if text != NONE else []
    for part in parts:
        if not re.fullmatch(pattern, part):
            raise ArgumentTypeError(f"{part!r} is no {what}")
    return frozenset(parts)


def outgoing(text: str) -> str:
    if text not in OUTGOING:
        raise ArgumentTypeError(f"{text!r} is no such place; give one of {', '.join(OUTGOING)}")
    return text


def switch(text: str) -> bool:
    if text.lower() not in SWITCH:
        raise ArgumentTypeError(f"{text!r} is neither on nor off")
    return SWITCH[text.lower()]


def log_format(text: str) -> str:
    if text not in LOG_FORMATS:
        raise ArgumentTypeError(f"{text!r} is no format of logs; give one of {', '.join(LOG_FORMATS)}")
    return text


def ui(text: str) -> str:
    if text not in UI:
        raise ArgumentTypeError(f"{text!r} is no such mode; give one of {', '.join(UI)}")
    return text


def url_form(text: str) -> str:
    if text not in URL_FORMS:
        raise ArgumentTypeError(f"{text!r} is no form of URLs; give one of {', '.join(URL_FORMS)}")
    return text


def event_quotas(text: str) -> EventQuotas:
    """Read `NAME=NUMBER`, several separated by commas."""
    quotas = {}
    for part in text.split(",") if text != NONE else ():
        name, _, number = part.strip().partition("=")
        if name not in QUOTAS or not re.fullmatch("[0-9]{1,9}", number):
            raise ArgumentTypeError(f"{part!r} is no quota; give NAME=NUMBER of {', '.join(QUOTAS)}")
        quotas[name] = int(number)
    return EventQuotas(**quotas)


def seed(text: str) -> int | None:
    if text != NONE and not re.fullmatch("[0-9]{1,18}", text):
        raise ArgumentTypeError(f"{text!r} is no seed; give a number of at most 18 digits")
    return None if text == NONE else int(text)


def tls(text: str) -> tuple[str, ...]:
    """Read `self-signed`, or the files of a certificate and its key; none is empty."""
    if text == NONE:
        return ()
    named = tuple(text.split(","))
    if named != (SELF_SIGNED,) and len(named) != 2:
        raise ArgumentTypeError(f"{text!r} is neither {SELF_SIGNED} nor two files, CERTIFICATE,KEY")
    return named


def host_or_none(text: str) -> str | None:
    return None if text == NONE else text


def sync(text: str) -> str:
    if text not in SYNCS:
        raise ArgumentTypeError(f"{text!r} is not one of {', '.join(SYNCS)}")
    return text


def journal(text: str) -> Address | None:
    if text == NONE:
        return None
    try:
        return Address.of(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def shards(text: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", text) or not int(text):
        raise ArgumentTypeError(f"{text!r} is no number of shards; give one from 1 to 99")
    return int(text)


def url_or_none(text: str) -> str | None:
    if text != NONE and not re.fullmatch(r"https?://[^\s/]+", text):
        raise ArgumentTypeError(f"{text!r} is no address; give one such as http://bus-1:4566")
    return None if text == NONE else text


def path_or_none(text: str) -> Path | None:
    return None if text == NONE else Path(text)


def tier(text: str) -> str | None:
    """Read a folder, made absolute, or s3://bucket/prefix."""
    if text == NONE:
        return None
    separator = "://" in text
    if separator and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\s]*)?", text):
        raise ArgumentTypeError(f"{text!r} is no place for old files; give a folder or s3://bucket/prefix")
    return text if separator else str(Path(text).absolute())


def server(text: str) -> str | None:
    if text != NONE and not re.fullmatch(r"[^\s:/]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}", text):
        raise ArgumentTypeError(f"{text!r} is no server; give a host and a port such as localhost:1025")
    return host_or_none(text)


def function_urls(text: str) -> dict[str, str]:
    """Read `URL` for all functions and `NAME=URL` for one, separated by commas."""
    urls = {}
    for part in text.split(",") if text != NONE else ():
        name, _, url = (
            part.strip().rpartition("=") if "=" in part.partition("://")[0] else ("", "", part.strip())
        )
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
            raise ArgumentTypeError(f"{part!r} is neither a URL nor of the form NAME=URL")
        urls[name] = url
    return urls
