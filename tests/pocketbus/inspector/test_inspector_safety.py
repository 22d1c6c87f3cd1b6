"""What the page lets happen: looks for everybody who may look, actions only by its own forms, text only as text."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import httpx
import pytest
from starlette.types import ASGIApp

from pocketbus import Emulator
from pocketbus.emulator.config import Config
from pocketbus.emulator.engine import Engine
from pocketbus.inspector.app import ACTIONS, VIEWS
from pocketbus.inspector.mount import create_inspected_app
from tests.apis.asgi import ask

UI = "/_pocketbus/ui"
HOSTILE = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=window.hacked=1>",
    "</textarea></pre><svg onload=window.hacked=1>",
    "{{ 7 * 7 }}",
    "\u202egnp.exe",
)


def token_of(page: str) -> str:
    found = re.search('name="token" value="([0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


def served(ui: str) -> ASGIApp:
    return create_inspected_app(Engine(Config(seed=1)), "http://localhost:4566", ui)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_there_when_there_is_nothing_to_see(http: httpx.Client, view: str) -> None:
    answer = http.get(f"{UI}/{view}" if view else UI)

    # A queue has to be named.
    assert answer.status_code == (404 if view == "queue" else 200)


def test_the_policy_lets_a_browser_load_nothing_from_elsewhere(http: httpx.Client) -> None:
    assert http.get(UI).headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("file", ["inspector.css", "inspector.js"])
def test_the_page_has_its_files_with_it(http: httpx.Client, file: str) -> None:
    assert http.get(f"{UI}/static/{file}").status_code == 200
    assert http.get(f"{UI}/static/../app.py").status_code == 404


@pytest.mark.parametrize("action", ACTIONS)
def test_no_action_is_done_without_the_pages_token(http: httpx.Client, action: str) -> None:
    for token in ({}, {"token": "0" * 32}):
        answer = http.post(f"{UI}/do/{action}", data={"queue": "orders", **token})
        assert answer.status_code == 403
        assert "This form is not of this page" in answer.text


def test_no_page_of_another_origin_can_act(http: httpx.Client) -> None:
    token = token_of(http.get(f"{UI}/trouble").text)

    answer = http.post(f"{UI}/do/freeze", data={"token": token}, headers={"origin": "https://evil.example"})

    assert answer.status_code == 403
    assert http.get("/_pocketbus/clock").json()["frozen"] is False


def test_an_action_with_the_token_is_done_and_leads_back(http: httpx.Client) -> None:
    token = token_of(http.get(f"{UI}/trouble").text)

    answer = http.post(f"{UI}/do/freeze", data={"token": token, "back": f"{UI}/trouble"})

    assert (answer.status_code, answer.headers["location"]) == (303, f"{UI}/trouble?said=1")
    assert http.get("/_pocketbus/clock").json()["frozen"] is True
    assert "The clock stands at" in http.get(answer.headers["location"]).text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/_pocketbus/uivil", "/"])
def test_an_action_leads_nowhere_else(http: httpx.Client, back: str) -> None:
    token = token_of(http.get(f"{UI}/trouble").text)

    answer = http.post(f"{UI}/do/thaw", data={"token": token, "back": back})

    assert answer.headers["location"] == f"{UI}?said=1"


def test_the_token_is_not_told_by_the_seed_and_costs_the_state_nothing(http: httpx.Client) -> None:
    with Emulator(seed=1) as other:
        theirs = token_of(httpx.get(f"{other.url}{UI}/trouble").text)
        assert token_of(http.get(f"{UI}/trouble").text) != theirs
        asked = other.client("sns").create_topic(Name="t")["TopicArn"]
        first = other.client("sns").publish(TopicArn=asked, Message="m")["MessageId"]
    with Emulator(seed=1) as unseen:
        asked = unseen.client("sns").create_topic(Name="t")["TopicArn"]
        assert unseen.client("sns").publish(TopicArn=asked, Message="m")["MessageId"] == first


async def test_a_read_only_page_shows_and_does_nothing() -> None:
    app = served("read-only")

    page = await ask(app, method="GET", path=f"{UI}/trouble")
    assert page.status == 200
    assert b"<button>Freeze" not in page.body
    assert b"Read-only" in page.body
    done = await ask(app, b"token=x", path=f"{UI}/do/freeze")
    assert (done.status, b"read-only" in done.body) == (403, True)


async def test_a_page_that_is_off_is_not_there() -> None:
    app = served("off")

    assert (await ask(app, method="GET", path=UI)).status == 404
    browser = {"accept": "text/html,*/*"}
    assert b"MissingAction" in (await ask(app, method="GET", path="/", headers=browser)).body


async def test_a_browser_that_asks_for_the_server_is_led_to_the_map() -> None:
    app = served("on")

    visit = await ask(app, method="GET", path="/", headers={"accept": "text/html,application/xhtml+xml"})
    assert (visit.status, visit.headers["location"]) == (303, UI)
    for headers in ({}, {"accept": "*/*"}):
        assert b"MissingAction" in (await ask(app, method="GET", path="/", headers=headers)).body
    called = await ask(
        app, method="GET", path="/", query="Action=ListQueues", headers={"accept": "text/html"}
    )
    assert b"ListQueuesResponse" in called.body


@pytest.fixture
def hostile(emulator: Emulator) -> list[str]:
    sqs, sns, events = (emulator.client(name) for name in ("sqs", "sns", "events"))
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    events.put_rule(Name="r", EventPattern='{"detail": {"<b>key</b>": ["<i>x</i>"]}}')
    for text in HOSTILE:
        attributes = {"note": {"DataType": "String", "StringValue": text}}
        sent = sqs.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=attributes)["MessageId"]
        sns.publish(TopicArn=topic, Message=text, Subject="<b>s</b>", MessageAttributes=attributes)
        events.put_events(
            Entries=[{"Source": text, "DetailType": text, "Detail": '{"<b>key</b>": "<script>"}'}]
        )
        emulator.save(text)
    event = emulator.trace(verb="accepted")[-1].subject
    return [
        *("", "/dead-letters", "/live", "/trouble", "/publish", "/queue?queue=orders"),
        f"/message?id={sent}",
        f"/message?id={event}",
        f"/why?subject={event}",
        f"/publish?from={event}",
        f"/?search={HOSTILE[0]}",
        f"/why?event={HOSTILE[2]}&place={topic}",
        f"/queue?queue=orders&matching={HOSTILE[0]}",
        f"/live?resource={HOSTILE[2]}",
    ]


class Markup(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_clients_sent_is_text_and_never_markup(http: httpx.Client, hostile: list[str]) -> None:
    for view in hostile:
        page = Markup(http.get(UI + view, follow_redirects=True).text)
        for tag, attributes in page.elements:
            assert tag not in {"img", "b", "i", "iframe", "style"}, view
            assert not [name for name in attributes if name.startswith("on") or name == "style"], view
            assert tag != "script" or attributes["src"] == f"{UI}/static/inspector.js", view
            assert not (attributes.get("href") or "").lower().startswith("javascript:"), view
    queue = Markup(http.get(f"{UI}/queue?queue=orders").text).text
    assert [text for text in HOSTILE if text not in queue] == []


def test_looking_changes_no_receive_count(emulator: Emulator, http: httpx.Client) -> None:
    url = emulator.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    sent = emulator.client("sqs").send_message(QueueUrl=url, MessageBody="m")["MessageId"]

    for view in ("", "/queue?queue=orders", f"/message?id={sent}", "/dead-letters", f"/publish?from={sent}"):
        assert http.get(UI + view).status_code == 200

    (message,) = emulator.messages("orders")
    assert (message.receive_count, message.state) == (0, "ready")


def test_a_server_that_nobody_looks_at_has_loaded_nothing_for_it() -> None:
    program = (
        "import sys, pocketbus.server\n"
        "print([name for name in ('jinja2', 'prometheus_client', 'pocketbus.inspector.app') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
