"""Spring Cloud AWS, with the application and the properties of its how-to."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import Server
from tests.end_to_end.consumers.conftest import Start

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "spring.md").read_text(encoding="utf-8")
JARS = Path(sys.prefix) / "consumers-java" / "spring_java"


def example(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.mark.skipif(
    not (JARS.parent / ".up-to-date").is_file() or shutil.which("javac") is None,
    reason="without Maven and a Java compiler, `make test` cannot fetch what this runs",
)
def test_a_listener_gets_what_the_template_sends(
    start: Start,
    connect: Callable[..., Any],
    server: Server,
    account: str,
    tmp_path: Path,
    wait_until_empty: Callable[[Any, str], None],
) -> None:
    source, classes = tmp_path / "Shop.java", tmp_path / "classes"
    source.write_text(example("java"), encoding="utf-8")
    compiled = ["javac", "-parameters", "-cp", f"{JARS}/*", "-d", str(classes), str(source)]
    subprocess.run(compiled, check=True)
    properties = example("properties").replace("http://localhost:4566", server.url)
    properties = properties.replace("access-key=test", f"access-key={account}")
    (classes / "application.properties").write_text(properties, encoding="utf-8")

    program = start(
        *("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{classes}:{JARS}/*", "shop.Shop")
    )

    program.wait_for("^billed order 7$")
    sqs = connect("sqs")
    wait_until_empty(sqs, sqs.get_queue_url(QueueName="orders")["QueueUrl"])
