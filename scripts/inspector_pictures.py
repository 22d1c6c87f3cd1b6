"""Takes the pictures of docs/inspector: a story in a server of its own, each view in Chromium, wide and narrow."""

import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from selenium import webdriver

from pocketbus import Emulator
from tests.end_to_end.browser import _FLAGS

FOLDER = Path(__file__).parent.parent / "docs" / "inspector"
_SIZES = {"": (1600, 1000), "-phone": (400, 860)}
_DARK = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
_SETTLED_SECONDS = 0.8
_ORDERS = ((1, 12.5, "Ada"), (2, 240, "Grace"), (3, 1800, "Edsger"), (4, 99, "Barbara"), (5, 4200, "Alan"))

_LATE_ORDERS = ((6, 310, "Radia"), (7, 75, "Leslie"), (8, 1250, "Niklaus"), (9, 48, "Margaret"))


class Story:
    """A shop: a bus, a topic, workers' queues, and what went wrong in them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.sqs, self.sns, self.events = (emulator.client(name) for name in ("sqs", "sns", "events"))
        self.event = ""

    def tell(self) -> None:
        self.emulator.freeze()
        self.emulator.set("2026-01-01T09:00:00Z")
        self._make()
        for number, total, customer in _ORDERS:
            self.emulator.advance(40)
            self._order(number, total, customer)
        for number, status in enumerate(("paid", "packed", "new", "returned"), 101):
            self.emulator.advance(25)
            self._publish(number, status)
        self._work()

    def _make(self) -> None:
        for name in ("orders-failed", "shipping-failed", "events-failed", "invoices", "analytics"):
            self.sqs.create_queue(QueueName=name)
        for name in ("orders", "shipping"):
            policy = {"deadLetterTargetArn": self.arn(f"{name}-failed"), "maxReceiveCount": 2}
            self.sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": json.dumps(policy)})
        self.sqs.create_queue(QueueName="payments.fifo", Attributes={"FifoQueue": "true"})
        self.topic = self.sns.create_topic(Name="order-events")["TopicArn"]
        self._subscribe("orders", {"RawMessageDelivery": "true"})
        self._subscribe("shipping", {"FilterPolicy": json.dumps({"status": ["paid", "packed"]})})
        self._subscribe("invoices", {"FilterPolicy": json.dumps({"total": [{"numeric": [">", 100]}]})})
        self.events.create_event_bus(Name="shop")
        placed = {"source": ["shop.checkout"], "detail-type": ["order.placed"]}
        self._rule("placed", placed, {"Id": "topic", "Arn": self.topic, "InputPath": "$.detail"})
        lost = {
            "Id": "fraud",
            "Arn": self.arn("fraud"),
            "DeadLetterConfig": {"Arn": self.arn("events-failed")},
        }
        high = {"source": ["shop.checkout"], "detail": {"total": [{"numeric": [">", 1000]}]}}
        self._rule("high-value", high, {"Id": "queue", "Arn": self.arn("analytics")}, lost)

    def arn(self, queue: str) -> str:
        return f"arn:aws:sqs:us-east-1:000000000000:{queue}"

    def _subscribe(self, queue: str, attributes: Mapping[str, str]) -> None:
        self.sns.subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint=self.arn(queue), Attributes=attributes
        )

    def _rule(self, name: str, pattern: Mapping[str, Any], *targets: Mapping[str, Any]) -> None:
        self.events.put_rule(Name=name, EventBusName="shop", EventPattern=json.dumps(pattern))
        self.events.put_targets(Rule=name, EventBusName="shop", Targets=list(targets))

    def _order(self, number: int, total: float, customer: str) -> None:
        detail = {"order": number, "total": total, "customer": {"name": customer, "vip": total > 1000}}
        entry = {"Source": "shop.checkout", "DetailType": "order.placed", "EventBusName": "shop"}
        answer = self.events.put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])
        if total < 100:
            self.event = answer["Entries"][0]["EventId"]

    def _publish(self, number: int, status: str) -> None:
        attributes = {
            "status": {"DataType": "String", "StringValue": status},
            "total": {"DataType": "Number", "StringValue": str(number)},
        }
        message = json.dumps({"order": number, "status": status})
        self.sns.publish(TopicArn=self.topic, Message=message, MessageAttributes=attributes)

    def _work(self) -> None:
        url = self.emulator.client("sqs").get_queue_url
        for _ in range(4):
            self.sqs.receive_message(QueueUrl=url(QueueName="orders")["QueueUrl"], MaxNumberOfMessages=5)
            self.emulator.advance(31)
        shipping = url(QueueName="shipping")["QueueUrl"]
        (done,) = self.sqs.receive_message(QueueUrl=shipping)["Messages"]
        self.sqs.delete_message(QueueUrl=shipping, ReceiptHandle=done["ReceiptHandle"])
        for number, total, customer in _LATE_ORDERS:
            self._order(number, total, customer)
        orders = url(QueueName="orders")["QueueUrl"]
        taken = self.sqs.receive_message(QueueUrl=orders, MaxNumberOfMessages=3)["Messages"]
        self.sqs.delete_message(QueueUrl=orders, ReceiptHandle=taken[0]["ReceiptHandle"])
        self.sqs.send_message(
            QueueUrl=url(QueueName="invoices")["QueueUrl"], MessageBody='{"reminder": 1}', DelaySeconds=600
        )
        for customer in ("anna", "ben"):
            self.sqs.send_message(
                QueueUrl=url(QueueName="payments.fifo")["QueueUrl"],
                MessageBody=f"authorise {customer}",
                MessageGroupId=customer,
                MessageDeduplicationId=customer,
            )
        self.emulator.fault("throttle", operation="SendMessage", resource="payments*", count=3)
        self.emulator.save("before the sale")

    def views(self) -> Iterator[tuple[str, str]]:
        letter = self.emulator.messages("orders-failed")[0].message_id
        yield "map", ""
        yield "line", f"?line={quote('arn:aws:events:us-east-1:000000000000:rule/shop/high-value')}"
        yield "queue", f"/queue?queue={self.arn('orders')}"
        yield "message", f"/message?id={letter}"
        yield "dead-letters", "/dead-letters"
        yield "publish", f"/publish?from={self.event}"
        yield "live", "/live"
        yield "why", f"/why?subject={self.event}"
        yield "trouble", "/trouble"


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    with Emulator(seed=1) as emulator, TemporaryDirectory() as profile:
        story = Story(emulator)
        story.tell()
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*_FLAGS, "--hide-scrollbars", f"--user-data-dir={profile}"):
            options.add_argument(flag)
        with webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver"))) as browser:
            for name, path in story.views():
                for suffix, size in _SIZES.items():
                    _take(browser, f"{emulator.url}/_pocketbus/ui{path}", size, f"{name}{suffix}")
    return 0


def _take(browser: webdriver.Chrome, url: str, size: tuple[int, int], name: str) -> None:
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", _DARK if width < 500 else {"features": []})
    browser.get(url)
    time.sleep(_SETTLED_SECONDS)
    browser.save_screenshot(str(FOLDER / f"{name}.png"))
    if browser.execute_script("return document.documentElement.scrollWidth") > width:
        print(f"{name} is wider than {width}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
