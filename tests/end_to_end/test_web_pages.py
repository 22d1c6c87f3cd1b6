"""Web pages in a real browser: those of other origins do nothing here, whatever they try."""

from collections.abc import Iterator

import pytest

from pocketbus import Emulator
from tests.end_to_end.browser import Browser, Pages

_TRY = "const done = arguments[arguments.length - 1]; const url = arguments[0];"

# Each ends when the browser has its answer, or has been refused one.
ATTEMPTS = {
    "a form": """
        const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), {name: 'sink'}));
        frame.onload = () => done('sent');
        const form = document.body.appendChild(Object.assign(document.createElement('form'),
          {method: 'post', action: url, target: 'sink'}));
        for (const [name, value] of [['Action', 'SendMessage'], ['MessageBody', 'forged']])
          form.appendChild(Object.assign(document.createElement('input'), {name, value}));
        form.submit();""",
    "text/plain": """
        fetch(url, {method: 'POST', mode: 'no-cors', body: 'Action=SendMessage&MessageBody=forged'})
          .then(() => done('sent'), error => done(String(error)));""",
    "a form without a referrer": """
        fetch(url, {method: 'POST', mode: 'no-cors', referrerPolicy: 'no-referrer',
          body: new URLSearchParams({Action: 'SendMessage', MessageBody: 'forged'})})
          .then(() => done('sent'), error => done(String(error)));""",
    "a beacon": """
        navigator.sendBeacon(url, new URLSearchParams({Action: 'PurgeQueue'}));
        setTimeout(() => done('sent'), 300);""",
    "an image that purges": """
        const image = new Image(); image.referrerPolicy = 'no-referrer';
        image.onload = image.onerror = () => done('sent');
        image.src = url + '?Action=PurgeQueue';""",
    "an image that deletes": """
        const image = new Image(); image.onload = image.onerror = () => done('sent');
        image.src = url + '?Action=DeleteQueue';""",
    "a frame": """
        const frame = document.body.appendChild(document.createElement('iframe'));
        frame.onload = () => done('sent');
        frame.src = url + '?Action=PurgeQueue';""",
    "a script": """
        const script = document.createElement('script');
        script.onload = script.onerror = () => done('sent');
        script.src = url + '?Action=ReceiveMessage';
        document.body.appendChild(script);""",
    "a window": """
        const opened = window.open(url + '?Action=PurgeQueue');
        setTimeout(() => { opened?.close(); done('sent'); }, 500);""",
    "fetch": """
        fetch(url, {method: 'POST', body: new URLSearchParams({Action: 'ReceiveMessage'})})
          .then(async answer => done(await answer.text()), error => done(String(error)));""",
    "a reset": """
        fetch(new URL('/_pocketbus/state/reset', url), {method: 'POST', mode: 'no-cors'})
          .then(() => done('sent'), error => done(String(error)));""",
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, serve=True) as emulator:
        yield emulator


@pytest.fixture
def queue_url(emulator: Emulator) -> str:
    """A queue with one message."""
    emulator.reset()
    sqs = emulator.client("sqs")
    url: str = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    return url


def bodies(emulator: Emulator) -> list[str]:
    return [message.body for message in emulator.messages("orders")]


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("address", ["127.0.0.1", "pocketbus"])  # to a mere name, browsers tell no site
def test_another_page_neither_does_nor_reads_anything(
    browser: Browser, pages: Pages, emulator: Emulator, queue_url: str, attempt: str, address: str
) -> None:
    pages.put("/", "<title>evil</title>")
    browser.get(pages.origin("evil.example"))

    result = browser.execute_async_script(_TRY + ATTEMPTS[attempt], queue_url.replace("127.0.0.1", address))

    assert "kept" not in result
    assert bodies(emulator) == ["kept"]
    assert [message.receive_count for message in emulator.messages("orders")] == [0]


def test_a_name_made_to_point_here_reads_nothing(
    browser: Browser, emulator: Emulator, queue_url: str
) -> None:
    browser.get(queue_url.replace("127.0.0.1", "evil.example") + "?Action=ReceiveMessage")

    assert "--allow-hosts evil.example" in browser.page_source
    assert "kept" not in browser.page_source


def test_a_page_of_the_machine_sends_and_reads(
    browser: Browser, pages: Pages, emulator: Emulator, queue_url: str
) -> None:
    pages.put("/", "<title>mine</title>")
    browser.get(pages.origin())

    result = browser.execute_async_script(_TRY + ATTEMPTS["fetch"], queue_url)

    assert "<Body>kept</Body>" in result


def test_what_a_page_of_the_machine_embeds_is_carried_out(
    browser: Browser, pages: Pages, emulator: Emulator, queue_url: str
) -> None:
    pages.put("/", "<title>mine</title>")
    browser.get(pages.origin("127.0.0.1"))

    browser.execute_async_script(_TRY + ATTEMPTS["an image that purges"], queue_url)

    assert bodies(emulator) == []


def test_a_listed_origin_sends_and_reads(browser: Browser, pages: Pages) -> None:
    pages.put("/", "<title>listed</title>")
    origin = pages.origin("app.example")
    with Emulator(allow_origins=frozenset({origin}), serve=True) as emulator:
        sqs = emulator.client("sqs")
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="hello")
        browser.get(origin)

        result = browser.execute_async_script(_TRY + ATTEMPTS["fetch"], url)

    assert "<Body>hello</Body>" in result


def test_who_types_an_address_is_answered(browser: Browser, queue_url: str) -> None:
    browser.get(f"{queue_url}?Action=GetQueueAttributes&AttributeName.1=QueueArn")

    assert "arn:aws:sqs:us-east-1:000000000000:orders" in browser.page_source


def test_a_link_in_another_page_unsubscribes(
    browser: Browser, pages: Pages, emulator: Emulator, queue_url: str
) -> None:
    sns = emulator.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    queue = "arn:aws:sqs:us-east-1:000000000000:orders"
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    address = f"{emulator.url}/?Action=Unsubscribe&SubscriptionArn={arn}"
    pages.put("/", f"<a href='{address}'>unsubscribe</a>")
    browser.get(pages.origin("mail.example"))

    browser.find_element("tag name", "a").click()

    assert "UnsubscribeResponse" in browser.page_source
    assert sns.list_subscriptions()["Subscriptions"] == []
