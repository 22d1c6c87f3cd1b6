"""The SDKs for Go and Java as applications have them, over HTTP and HTTPS on one port."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.children import started
from tests.end_to_end.consumers.conftest import Start

GO = Path(sys.prefix) / "consumers-go" / "shop"
JAVA = Path(sys.prefix) / "consumers-java" / "sdk_java"
DONE = ["sent order 1", "published order 2", "matched 2400"]

both_schemes = pytest.mark.parametrize("scheme", ["http", "https"])


@pytest.fixture(scope="module")
def secure() -> Iterator[str]:
    """A server that speaks HTTPS too; its address without a scheme."""
    command = [sys.executable, "-m", "pocketbus", "--port", "0", "--tls", "self-signed"]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = process.stdout.readline()
        assert process.stdout.readline() == "Ready.\n"
        yield where.split()[2].removeprefix("http://")


@pytest.fixture
def certificate(secure: str, tmp_path: Path) -> Path:
    """What the server is to be trusted by, fetched as its users fetch it."""
    path = tmp_path / "pocketbus.pem"
    path.write_bytes(httpx.get(f"http://{secure}/_pocketbus/certificate.pem").content)
    return path


@pytest.fixture
def java(certificate: Path, start: Start) -> Callable[[str], list[str]]:
    """Run the program in Java, with a server's certificate among those that it trusts."""
    store = certificate.with_suffix(".p12")
    subprocess.run(
        f"keytool -importcert -noprompt -file {certificate} -keystore {store} -storepass changeit".split(),
        capture_output=True,
        check=True,
    )

    def java(endpoint: str) -> list[str]:
        trust = (f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStorePassword=changeit")
        quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        program = start("java", *quick, *trust, "-cp", f"{JAVA}:{JAVA}/*", "Shop", AWS_ENDPOINT_URL=endpoint)
        return [line for line in program.end() if not line.startswith("SLF4J")]

    return java


@both_schemes
@pytest.mark.skipif(not GO.is_file(), reason="without Go, `make test` cannot build its program")
def test_gos_sdk_sends_publishes_and_puts_events(
    start: Start, secure: str, certificate: Path, scheme: str
) -> None:
    program = start(str(GO), AWS_ENDPOINT_URL=f"{scheme}://{secure}", AWS_CA_BUNDLE=str(certificate))

    assert program.end() == DONE


@both_schemes
@pytest.mark.skipif(
    not (JAVA.parent / ".up-to-date").is_file() or shutil.which("keytool") is None,
    reason="without Maven and a Java compiler, `make test` cannot build their program",
)
def test_javas_sdk_sends_publishes_and_puts_events_and_its_own_client_makes_do_with_http_1(
    java: Callable[[str], list[str]], secure: str, scheme: str
) -> None:
    assert java(f"{scheme}://{secure}") == [*DONE, "asked 200 HTTP_1_1", "asked 200 HTTP_1_1"]
