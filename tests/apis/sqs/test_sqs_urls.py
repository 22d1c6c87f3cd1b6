"""Queue URLs: the forms that are understood, and the one that is given."""

import pytest

from tests.apis.sqs.conftest import MakeSqs, Sqs

FORMS = [
    "orders",
    "http://localhost:4566/000000000000/orders",
    "http://another-host/000000000000/orders",
    "https://127.0.0.1:9999/000000000000/orders/",
    "https://sqs.us-east-1.amazonaws.com/000000000000/orders",
    "https://queue.amazonaws.com/000000000000/orders",
    "https://us-east-1.queue.amazonaws.com/000000000000/orders",
    "http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/orders",
    "http://us-east-1.queue.localhost.localstack.cloud:4566/000000000000/orders",
    "http://queue.localhost.localstack.cloud:4566/000000000000/orders",
    "http://localhost:4566/queue/us-east-1/000000000000/orders",
    "/000000000000/orders",
]


@pytest.mark.parametrize("url", FORMS)
async def test_a_queue_is_found_by_every_form_of_its_url(sqs: Sqs, url: str) -> None:
    await sqs.queue("orders")
    await sqs.send(url, "found")

    assert [message["Body"] for message in await sqs.receive("orders")] == ["found"]


@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.eu-west-1.amazonaws.com/111111111111/orders",
        "http://localhost:4566/queue/eu-west-1/111111111111/orders",
        "http://localhost:4566/111111111111/orders",
    ],
)
async def test_a_queue_of_another_account_and_region_is_found_by_its_url(
    sqs: Sqs, client: MakeSqs, url: str
) -> None:
    theirs = client(account="111111111111", region="eu-west-1")
    await theirs.queue("orders")
    await sqs.send(url, "from afar")

    assert [message["Body"] for message in await theirs.receive("orders")] == ["from afar"]


async def test_a_url_that_names_a_region_means_no_other(sqs: Sqs, client: MakeSqs) -> None:
    await client(region="eu-west-1").queue("orders")

    refusal = await sqs.refusal(
        "PurgeQueue", QueueUrl="https://sqs.us-west-2.amazonaws.com/000000000000/orders"
    )
    assert refusal.code == "AWS.SimpleQueueService.NonExistentQueue"


async def test_a_bare_name_means_the_callers_own_region(sqs: Sqs, client: MakeSqs) -> None:
    await client(region="eu-west-1").queue("orders")

    assert (await sqs.refusal("PurgeQueue", QueueUrl="orders")).status == 400


@pytest.mark.parametrize(
    "url", ["http://localhost:4566/", "http://localhost:4566/orders", "https://example.com/1/orders"]
)
async def test_a_url_of_no_queue_is_refused(sqs: Sqs, url: str) -> None:
    await sqs.queue("orders")

    assert await sqs.refusal("PurgeQueue", QueueUrl=url) == (
        404,
        "InvalidAddress",
        f"The address {url} is not valid for this endpoint.",
    )


@pytest.mark.parametrize("path", ["/000000000000/orders", "/queue/us-east-1/000000000000/orders"])
async def test_an_action_on_a_queues_own_url_means_that_queue(client: MakeSqs, path: str) -> None:
    sqs = client()
    await sqs.queue("orders")
    reply = await sqs.get(path, Action="SendMessage", MessageBody="from curl")

    assert reply.status_code == 200
    assert [message["Body"] for message in await sqs.receive("orders")] == ["from curl"]


@pytest.mark.parametrize(
    ("strategy", "host", "url"),
    [
        ("dynamic", "localhost:4566", "http://localhost:4566/000000000000/orders"),
        ("dynamic", "bus:8080", "http://bus:8080/000000000000/orders"),
        ("dynamic", "sqs.us-east-1.bus:8080", "http://sqs.us-east-1.bus:8080/000000000000/orders"),
        ("standard", "localhost:4566", "http://sqs.us-east-1.localhost:4566/000000000000/orders"),
        ("standard", "us-east-1.queue.bus", "http://sqs.us-east-1.bus/000000000000/orders"),
        ("standard", "127.0.0.1:4566", "http://127.0.0.1:4566/000000000000/orders"),
        ("domain", "localhost:4566", "http://us-east-1.queue.localhost:4566/000000000000/orders"),
        ("domain", "sqs.eu-west-1.bus", "http://us-east-1.queue.bus/000000000000/orders"),
        ("path", "localhost:4566", "http://localhost:4566/queue/us-east-1/000000000000/orders"),
        ("path", "127.0.0.1:4566", "http://127.0.0.1:4566/queue/us-east-1/000000000000/orders"),
    ],
)
async def test_the_endpoint_strategy_forms_the_urls_that_are_given(
    client_with: MakeSqs, strategy: str, host: str, url: str
) -> None:
    sqs = client_with(host=host, sqs_endpoint_strategy=strategy, allow_hosts=frozenset({"bus"}))

    assert await sqs.queue("orders") == url
    assert await sqs.call("GetQueueUrl", QueueName="orders") == {"QueueUrl": url}
    await sqs.send(url)
