"""The inspector in a browser: each view does its work, shows text as text, and can be used by everybody."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from pocketbus import Emulator
from tests.end_to_end.browser import Browser

T = TypeVar("T")
UI = "/_pocketbus/ui"
AXE = Path(__file__).parents[2] / ".venv/consumers-node/node_modules/axe-core/axe.min.js"
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
    (found) => done(found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
        .map((one) => [one.id, one.nodes.map((node) => node.html)])));
"""
SHORT = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\u202e</pre></textarea>"
HOSTILE = f"{SHORT}<style>body{{display:none}}</style><b style='position:fixed'>"
ALL_WELL = """
return [window.hacked, document.images.length, document.styleSheets.length,
        getComputedStyle(document.body).display];
"""
WIDTHS = (400, 1600)


def arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:000000000000:{name}"


class Shop:
    """A bus, a topic, queues with dead letters; and the page about them."""

    def __init__(self, emulator: Emulator, browser: Browser) -> None:
        self.emulator = emulator
        self.browser = browser
        self.sqs, self.sns, self.events = (emulator.client(name) for name in ("sqs", "sns", "events"))
        self.sqs.create_queue(QueueName="failed")
        policy = json.dumps({"deadLetterTargetArn": arn("failed"), "maxReceiveCount": 1})
        attributes = {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
        self.orders = self.sqs.create_queue(QueueName="orders", Attributes=attributes)["QueueUrl"]
        self.topic = self.sns.create_topic(Name="news")["TopicArn"]
        self.sns.subscribe(
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint=arn("orders"),
            Attributes={"FilterPolicy": '{"color": ["red"]}', "RawMessageDelivery": "true"},
        )
        pattern = json.dumps({"detail": {"total": [{"numeric": [">", 100]}]}})
        self.rule = self.events.put_rule(Name="big", EventPattern=pattern)["RuleArn"]
        self.events.put_targets(Rule="big", Targets=[{"Id": "q", "Arn": arn("orders")}])

    def send(self, body: str) -> str:
        sent: str = self.sqs.send_message(QueueUrl=self.orders, MessageBody=body)["MessageId"]
        return sent

    def put(self, total: float) -> str:
        detail = json.dumps({"order": 1, "total": total})
        entry = {"Source": "shop", "DetailType": "order.placed", "Detail": detail}
        put: str = self.events.put_events(Entries=[entry])["Entries"][0]["EventId"]
        return put

    def fail(self, *bodies: str) -> list[str]:
        """Send messages that become dead letters."""
        sent = [self.send(body) for body in bodies]
        while self.sqs.receive_message(QueueUrl=self.orders, MaxNumberOfMessages=10).get("Messages"):
            pass
        return sent

    # The page

    def open(self, path: str = "") -> None:
        self.browser.get(f"{self.emulator.url}{UI}{path}")

    def find(self, selector: str) -> WebElement:
        """Return what is there, as soon as it is."""
        return self._seen(lambda: self.browser.find_element(By.CSS_SELECTOR, selector))

    def text(self, selector: str = "main") -> str:
        """Return what is shown there."""
        return self._seen(lambda: self.find(selector).text)

    def texts(self, selector: str) -> list[str]:
        """Return what is shown in each of several places."""
        return self._seen(lambda: [one.text for one in self.browser.find_elements(By.CSS_SELECTOR, selector)])

    def _seen(self, look: Callable[[], T]) -> T:
        """Look at a page; one that is just being replaced, or is not there yet, is looked at again."""
        looking = WebDriverWait(
            self.browser, 10, 0.05, [NoSuchElementException, StaleElementReferenceException]
        )
        seen: tuple[T] = looking.until(lambda _: (look(),))
        return seen[0]

    def click(self, selector: str) -> None:
        self.wait(lambda: self._clicks(selector))

    def _clicks(self, selector: str) -> bool:
        self.find(selector).click()
        return True

    def press(self, words: str, within: str = "main") -> None:
        """Press what is named so, as soon as it is there; a page that is just being replaced is looked at again."""
        self.wait(lambda: self._presses(words, within))

    def _presses(self, words: str, within: str) -> bool:
        buttons = self.browser.find_elements(By.CSS_SELECTOR, f"{within} :is(button, a, summary)")
        named = next((button for button in buttons if button.text == words), None)
        if named is not None:
            named.click()
        return named is not None

    def wait(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.browser, 10, 0.05, [StaleElementReferenceException]).until(lambda _: condition())


@pytest.fixture
def shop(browser: Browser) -> Iterator[Shop]:
    with Emulator(seed=1, serve=True) as emulator:
        yield Shop(emulator, browser)


def test_the_map_shows_counts_as_they_change_and_dead_letters_on_top(shop: Shop) -> None:
    shop.open()
    shop.wait(lambda: shop.text("#link") == "Live")
    assert "0 available" in shop.text("[data-node=orders]")

    shop.send("1")
    shop.wait(lambda: "1 available" in shop.text("[data-node=orders]"))

    shop.fail("2")
    shop.wait(lambda: "2 in failed" in shop.text("#alarm"))
    assert "alarm" in (shop.find("[data-node=failed]").get_attribute("class") or "")


def test_a_line_of_the_map_shows_its_filter_and_what_it_last_refused(shop: Shop) -> None:
    shop.put(5)
    shop.open()

    shop.click("[data-node=big]")

    assert '"numeric"' in shop.text("#line pre")
    assert "detail.total: found 5, wanted a number > 100" in shop.text("#line")


def test_the_map_is_searched_and_collapsed(shop: Shop) -> None:
    for number in range(500):
        shop.sqs.create_queue(QueueName=f"worker-{number}")

    shop.open()
    assert "500 queues" in shop.text("[data-node='worker-\u2026']")
    assert len(shop.browser.find_elements(By.CSS_SELECTOR, ".node")) < 20

    shop.open("?search=worker-499")
    assert [
        one.get_attribute("data-node") for one in shop.browser.find_elements(By.CSS_SELECTOR, ".node")
    ] == ["worker-499"]


def test_the_queue_filters_its_messages_and_purges_with_their_count_named(shop: Shop) -> None:
    for total in (5, 50, 500):
        shop.send(json.dumps({"total": total}))
    shop.open("/queue?queue=orders")
    field = shop.find("[name=matching]")
    field.send_keys("from_json(body).total > `10`")
    shop.press("Filter")

    shop.wait(lambda: shop.texts(".messages tbody tr .line1") == ['{"total": 50}', '{"total": 500}'])
    assert [message.receive_count for message in shop.emulator.messages("orders")] == [0, 0, 0]

    shop.press("Purge 3")
    alert = shop.browser.switch_to.alert
    assert alert.text == "Delete all 3 messages of orders?"
    alert.accept()
    shop.wait(lambda: shop.emulator.messages("orders") == [])
    assert "orders is purged." in shop.text(".said")


def test_the_message_tells_its_story_is_copied_and_deleted(shop: Shop) -> None:
    event = shop.put(500)
    (message,) = shop.emulator.messages("orders")
    shop.open(f"/message?id={message.message_id}")

    story = shop.texts(".timeline .verb")
    assert story == ["accepted", "matched", "sent", "delivered"]
    assert event in (shop.find("#main").get_attribute("innerHTML") or "")
    body = json.loads(shop.text(".body"))
    assert body == {"order": 1, "total": 500}
    assert "EventBridge event" in shop.text()
    command = shop.text("[aria-label='AWS CLI']")
    assert "sqs send-message" in command
    assert f"--queue-url {shop.emulator.url}/000000000000/orders" in command

    shop.press("Delete")
    shop.browser.switch_to.alert.accept()
    shop.wait(lambda: shop.emulator.messages("orders") == [])


def test_a_message_is_edited_and_sent_again(shop: Shop) -> None:
    sent = shop.send('{"total": 1}')
    shop.open(f"/message?id={sent}")

    shop.press("Edit and send again")
    body = shop.find("[name=body]")
    assert body.get_attribute("value") == '{"total": 1}'
    body.clear()
    body.send_keys('{"total": 2}')
    shop.press("Send")

    shop.wait(lambda: len(shop.emulator.messages("orders")) == 2)
    assert [message.body for message in shop.emulator.messages("orders")] == ['{"total": 1}', '{"total": 2}']


def test_dead_letters_are_selected_and_redriven(shop: Shop) -> None:
    first, _ = shop.fail("first", "second")
    shop.open("/dead-letters")
    assert "2 from queue orders: received 1 times" in shop.text("legend")

    shop.click(f"input[value^='{first}']")
    shop.press("Redrive")

    shop.wait(lambda: [message.body for message in shop.emulator.messages("orders")] == ["first"])
    assert [message.body for message in shop.emulator.messages("failed")] == ["second"]


def test_a_redrive_has_a_rate_shows_its_progress_and_is_cancelled(shop: Shop) -> None:
    shop.fail(*map(str, range(5)))
    shop.emulator.freeze()
    shop.open("/dead-letters")

    shop.find("[name=rate]").send_keys("1")
    shop.press("Start")
    shop.wait(lambda: "running: 0 of 5, 1 a second" in shop.text(".tasks"))
    shop.emulator.advance(2)
    shop.wait(lambda: "running: 2 of 5" in shop.text(".tasks"))
    shop.press("Cancel")

    shop.wait(lambda: "cancelled: 2 of 5" in shop.text(".tasks"))
    assert len(shop.emulator.messages("failed")) == 3


def test_publish_asks_before_and_tells_after_where_it_went(shop: Shop) -> None:
    shop.open("/publish")
    Select(shop.find("[name=to]")).select_by_value(shop.topic)
    shop.find("[name=body]").send_keys("hello")
    shop.find("[name=attributes]").send_keys('{"color": "blue"}')
    shop.press("Ask who would get it")
    assert 'does not match: color: found "blue", wanted "red"' in shop.text(".verdicts")

    attributes = shop.find("[name=attributes]")
    attributes.clear()
    attributes.send_keys('{"color": "red"}')
    shop.press("Ask who would get it")
    assert "matches" in shop.text(".verdict.yes")
    assert shop.emulator.messages("orders") == []

    shop.press("Send")
    shop.wait(lambda: shop.browser.find_elements(By.CSS_SELECTOR, ".went a.id"))
    (message,) = shop.emulator.messages("orders")
    assert f"delivered orders as {message.message_id}" in shop.text(".went")


def test_publish_shows_the_fields_of_the_place_that_is_chosen(shop: Shop) -> None:
    shop.open("/publish")

    def shown() -> set[str]:
        fields = shop.browser.find_elements(By.CSS_SELECTOR, "main form [name]:not([type=hidden])")
        return {str(field.get_attribute("name")) for field in fields if field.is_displayed()}

    choose = Select(shop.find("[name=to]"))
    choose.select_by_visible_text("default (000000000000, us-east-1)")
    assert shown() == {"to", "source", "detail_type", "body", "ask"}
    choose.select_by_value(arn("orders"))
    assert shown() >= {"to", "attributes", "delay", "body"}
    assert not shown() & {"source", "detail_type"}


def test_live_shows_what_happens_and_keeps_its_place_while_paused(shop: Shop) -> None:
    shop.open("/live?verb=sent")
    shop.wait(lambda: shop.text("#live-state") == "Live, newest first.")

    def rows() -> list[str]:
        return shop.texts(".trace tbody .id")

    first = shop.send("1")
    shop.wait(lambda: rows() == [first])
    shop.press("Pause")
    second = shop.send("2")
    shop.put(500)
    assert rows() == [first]

    shop.press("Go on")
    shop.wait(lambda: len(rows()) == 3)
    assert rows()[1:] == [second, first]


def test_why_not_marks_the_key_that_fails(shop: Shop) -> None:
    shop.put(500)
    shop.put(5)
    shop.open("/why")
    shop.click(".plain a")
    assert shop.text("mark").strip() == '"total": 5'

    Select(shop.find("[name=place]")).select_by_value(
        "arn:aws:events:us-east-1:000000000000:event-bus/default"
    )
    field = shop.find("[name=event]")
    field.send_keys('{"source": "shop", "detail": {"price": 7}}')
    shop.browser.find_elements(By.CSS_SELECTOR, "main button")[1].click()
    shop.wait(lambda: "found nothing, wanted a number > 100" in shop.text(".verdicts"))
    assert shop.text("mark").strip() == '"detail": {'


def test_time_and_trouble_move_the_clock_make_faults_and_restore_snapshots(shop: Shop) -> None:
    shop.open("/trouble")
    shop.press("Freeze")
    shop.wait(lambda: "The clock stands at" in shop.text(".said"))
    before = shop.emulator.now()
    shop.press("+10 min")
    shop.wait(lambda: shop.emulator.now() == before + 600)

    shop.press("Make trouble")
    shop.press("Make it")
    shop.wait(lambda: "duplicate" in shop.text("#faults"))
    shop.press("Take all away")
    shop.wait(lambda: shop.emulator.faults() == [])

    shop.find("[name=name]").send_keys("empty")
    shop.press("Save the state")
    shop.wait(lambda: "The state is saved as empty." in shop.text(".said"))
    shop.send("1")
    shop.wait(lambda: "the oldest message expires" in shop.text("#deadlines"))
    shop.press("Restore")
    shop.browser.switch_to.alert.accept()
    shop.wait(lambda: shop.emulator.messages("orders") == [])


def test_hostile_bodies_and_names_are_shown_and_run_nothing(shop: Shop) -> None:
    attributes = {"note": {"DataType": "String", "StringValue": HOSTILE}}
    shop.fail(HOSTILE)
    sent = shop.sqs.send_message(QueueUrl=shop.orders, MessageBody=HOSTILE, MessageAttributes=attributes)
    long = shop.send("<b>" + "x" * 1_000_000)
    lines = shop.send("\n".join(["<i>line</i>"] * 10_000))
    detail = json.dumps({HOSTILE: 1, "total": 5})
    entry = {"Source": SHORT, "DetailType": SHORT, "Detail": detail}
    event = shop.events.put_events(Entries=[entry])["Entries"][0]["EventId"]
    shop.emulator.save(HOSTILE)
    views = (
        *("", "/queue?queue=orders", "/dead-letters", "/publish", "/live", "/trouble"),
        *(f"/message?id={one}" for one in (sent["MessageId"], long, lines, event)),
        f"/why?subject={event}",
        f"/publish?from={sent['MessageId']}&queue={arn('orders')}",
        f"?search={quote(HOSTILE)}",
    )
    for view in views:
        shop.open(view)
        assert shop.browser.execute_script(ALL_WELL) == [None, 0, 1, "block"], view
    shop.open(f"/message?id={sent['MessageId']}")
    assert "<script>window.hacked=1</script>" in shop.text(".body")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_view_fits_and_can_be_used_by_everybody(shop: Shop, width: int) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: that needs npm")
    event = shop.put(5)
    (letter, *_) = shop.fail("first", "second")
    shop.emulator.fault("latency", delay=0.01, operation="SendMessage")
    shop.emulator.save("s")
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    shop.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        for scheme in ("light", "dark"):
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            shop.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            for view in (
                *("", "/queue?queue=failed", f"/message?id={letter}", "/dead-letters", "/live", "/trouble"),
                *(f"/publish?from={event}", f"/why?subject={event}", f"?line={quote(shop.rule)}"),
            ):
                shop.open(view)
                wide = shop.browser.execute_script("return document.documentElement.scrollWidth")
                assert wide <= width, view
                shop.browser.execute_cdp_cmd(
                    "Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")}
                )
                assert shop.browser.execute_async_script(RUN_AXE) == [], view
    finally:
        shop.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        shop.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
