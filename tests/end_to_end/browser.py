"""A headless Chromium, for which pocketbus and all names below .example mean this machine; and pages for it."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

# Nothing but this machine is reached.
_NAMES = "MAP *.example 127.0.0.1,MAP pocketbus 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE localhost,EXCLUDE 127.0.0.1"
_FLAGS = (
    "--headless",
    "--no-sandbox",  # which root cannot have
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-proxy-server",
    f"--host-resolver-rules={_NAMES}",
)
_SECONDS = 60

Browser = webdriver.Chrome


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("Chromium and its driver are not installed (on Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    with webdriver.Chrome(options, Service(driver)) as browser:
        browser.set_page_load_timeout(_SECONDS)
        browser.set_script_timeout(_SECONDS)
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser, with an empty page before and after."""
    chromium.get("about:blank")
    yield chromium
    chromium.get("about:blank")


class Pages:
    """A web server of the test's own pages."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.files: dict[str, tuple[str, bytes]] = {}

    def put(self, path: str, content: str | Path) -> None:
        """Serve HTML, or a script from a file."""
        if isinstance(content, Path):
            self.files[path] = ("text/javascript", content.read_bytes())
        else:
            self.files[path] = ("text/html; charset=utf-8", content.encode())

    def origin(self, host: str = "localhost") -> str:
        return f"http://{host}:{self.port}"


@pytest.fixture
def pages() -> Iterator[Pages]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = served.files.get(self.path, ("text/plain", b""))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        served = Pages(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
