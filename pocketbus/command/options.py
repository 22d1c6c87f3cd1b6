"""The settings of the server: one table, read from the command's options and the environment."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from pocketbus.command import values

Text = tuple[str, str]
"""The text of a setting, and what it comes from: the variable of another emulator, or its file."""


class SettingError(Exception):
    """An environment variable has a value that its option would refuse; the text names it."""


class Option(Struct, frozen=True):
    """One setting: an option of the command, else a variable of the environment, else the default."""

    name: str
    default: str
    meaning: str
    parse: Callable[[str], Any] = str
    most: int = 1
    """How many words the option may have; they are parsed as one text, by commas."""

    @property
    def option(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        return f"POCKETBUS_{self.name.upper()}"

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            self.option,
            type=self.parse if self.most == 1 else str,
            nargs=None if self.most == 1 else "+",
            metavar=self.name.upper(),
            help=f"{self.meaning} (default: {self.default}; environment: {self.variable})",
        )

    def value(self, given: Any, environment: Mapping[str, str], others: Mapping[str, Text]) -> Any:
        """Choose the value: what the command was given, the own variable, what others say. Raise SettingError.

        An empty variable counts as unset.
        """
        if given is not None and self.most == 1:
            return given
        text, origin = environment.get(self.variable), self.variable
        if given is not None:
            text, origin = ",".join(given), self.option
        elif not text:
            text, origin = others.get(self.name, (self.default, origin))
        try:
            return self.parse(text)
        except argparse.ArgumentTypeError as error:
            raise SettingError(f"{origin}: {error}") from error


OPTIONS = (
    Option("host", "127.0.0.1", "address to listen on"),
    Option("port", "4566", "port to listen on; 0 takes a free one", values.port),
    Option("account", "000000000000", "account of clients whose access key is not 12 digits", values.account),
    Option("region", "us-east-1", "region of requests that name none", values.region),
    Option(
        "seed",
        values.NONE,
        "number that ids and choices come from: the same calls give the same ids",
        values.seed,
    ),
    Option(
        "outgoing",
        "nearby",
        "where HTTP may go on its own: nearby (loopback, private) or anywhere",
        values.outgoing,
    ),
    Option(
        "lambda_urls",
        values.NONE,
        "where Lambda functions run: URL, NAME=URL, or several by commas",
        values.function_urls,
    ),
    Option("smtp", values.NONE, "host:port of the SMTP server that mail goes to", values.server),
    Option("email_sender", "no-reply@sns.amazonaws.com", "address that mail comes from"),
    Option(
        "sns_cert_url_host",
        values.NONE,
        "host that SigningCertURL names instead of this server",
        values.host_or_none,
    ),
    Option(
        "sms_sandbox", "off", "on: texts go to phone numbers verified in SNS's sandbox only", values.switch
    ),
    Option(
        "allow_origins",
        values.NONE,
        "origins, by commas, whose web pages may use this server, beside those on loopback; * is all",
        values.origins,
    ),
    Option(
        "allow_hosts",
        values.NONE,
        "public host names, by commas, under which this server is reached; * is all",
        values.hosts,
    ),
    Option(
        "event_quotas",
        values.NONE,
        "EventBridge's quotas as NAME=NUMBER, several by commas, such as buses=100,rules_per_bus=300",
        values.event_quotas,
    ),
    Option(
        "strict",
        "off",
        "on: the 60 seconds that SQS makes one wait after PurgeQueue, DeleteQueue",
        values.switch,
    ),
    Option(
        "sqs_endpoint_strategy",
        "dynamic",
        f"form of queue URLs: {', '.join(values.URL_FORMS)}",
        values.url_form,
    ),
    Option(
        "init",
        values.NONE,
        "file or folder of resources and scripts to begin with: TOML, JSON, YAML, .sh, .py",
        values.path_or_none,
    ),
    Option(
        "data",
        values.NONE,
        "folder in which all is kept, so that it is there again after a restart; docs/JOURNAL.md",
        values.path_or_none,
    ),
    Option(
        "tier",
        values.NONE,
        "folder, or s3://bucket/prefix, to which old files of data are moved, and where they are read; docs/JOURNAL.md",
        values.tier,
    ),
    Option(
        "sync",
        "os",
        "what is kept survives with os the end of the process, with disk that of the power, too",
        values.sync,
    ),
    Option(
        "journal",
        values.NONE,
        "log of a cluster of servers: nats://HOST,HOST,HOST/NAME, the same for all; docs/CLUSTER.md",
        values.journal,
    ),
    Option("shards", "1", "how many logs a cluster has, each with a writer of its own", values.shards),
    Option(
        "node_url",
        values.NONE,
        "where the other servers of a cluster reach this one, such as http://bus-1:4566",
        values.url_or_none,
    ),
    Option(
        "root",
        "/",
        "folder below which files of other emulators are looked for, such as etc/localstack/init",
        Path,
    ),
    Option(
        "tls",
        values.NONE,
        "HTTPS beside HTTP: self-signed, or the files CERTIFICATE KEY (in the variable, by a comma)",
        values.tls,
        most=2,
    ),
    Option("ui", "on", "the page at /_pocketbus/ui: on, read-only or off", values.ui),
    Option(
        "log_level",
        "info",
        f"one of {', '.join(values.LOG_LEVELS)}; debug shows each request",
        values.log_level,
    ),
    Option(
        "log_format",
        "text",
        "text, or json: a JSON object a line, each request from the level info on",
        values.log_format,
    ),
)
