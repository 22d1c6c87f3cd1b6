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


URL = "http://localhost:4566/000000000000/orders"
ABSENT = "AWS.SimpleQueueService.NonExistentQueue"


async def test_a_url_without_a_region_means_the_signed_one(sqs: Sqs, client: MakeSqs) -> None:
    abroad = client(region="eu-west-1")
    for one in (sqs, abroad):
        await one.queue("orders")
    await sqs.send(URL, "here")
    await abroad.send(URL, "abroad")

    assert [message["Body"] for message in await sqs.receive(URL)] == ["here"]
    assert [message["Body"] for message in await abroad.receive(URL)] == ["abroad"]


async def test_a_queue_is_not_deleted_by_a_client_of_another_region(sqs: Sqs, client: MakeSqs) -> None:
    abroad = client(region="eu-west-1")
    for one in (sqs, abroad):
        await one.queue("orders")
    await abroad.call("DeleteQueue", QueueUrl=URL)

    assert (await abroad.refusal("GetQueueAttributes", QueueUrl=URL)).code == ABSENT
    assert (await abroad.refusal("DeleteQueue", QueueUrl=URL)).code == ABSENT
    assert await sqs.arn(URL) == "arn:aws:sqs:us-east-1:000000000000:orders"


async def test_a_queue_of_another_account_is_not_found_by_ones_own_url(sqs: Sqs, client: MakeSqs) -> None:
    await client(account="111111111111").queue("orders")

    assert (await sqs.refusal("DeleteQueue", QueueUrl=URL)).code == ABSENT


async def test_the_url_of_a_queue_of_another_region_carries_it(sqs: Sqs, client: MakeSqs) -> None:
    abroad = client(region="eu-west-1")
    url = await abroad.queue("orders")

    assert url == "http://localhost:4566/queue/eu-west-1/000000000000/orders"
    assert await abroad.call("GetQueueUrl", QueueName="orders") == {"QueueUrl": url}
    assert await abroad.call("ListQueues") == {"QueueUrls": [url]}
    assert await sqs.arn(url) == "arn:aws:sqs:eu-west-1:000000000000:orders"
    assert await sqs.call("ListQueues") == {}


async def test_the_servers_own_region_needs_no_mention(client_with: MakeSqs) -> None:
    sqs = client_with(region="us-west-2")

    assert await sqs.queue("orders") == "http://localhost:4566/queue/us-east-1/000000000000/orders"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("sqs.eu-west-1.localhost", "http://sqs.eu-west-1.localhost/000000000000/orders"),
        ("sqs.us-east-1.localhost", "http://localhost/queue/eu-west-1/000000000000/orders"),
        ("127.0.0.1:4566", "http://127.0.0.1:4566/queue/eu-west-1/000000000000/orders"),
    ],
)
async def test_a_host_that_names_the_region_names_it_in_the_url(client: MakeSqs, host: str, url: str) -> None:
    abroad = client(region="eu-west-1", host=host)

    assert await abroad.queue("orders") == url
    assert await abroad.arn(url) == "arn:aws:sqs:eu-west-1:000000000000:orders"


async def test_dead_letter_sources_are_listed_by_urls_that_are_found(sqs: Sqs, client: MakeSqs) -> None:
    source, dead = await client(region="eu-west-1").dead_letter_pair()

    listed = await sqs.call("ListDeadLetterSourceQueues", QueueUrl=dead)
    assert listed == {"queueUrls": [source]}
    assert await sqs.arn(source) == "arn:aws:sqs:eu-west-1:000000000000:source"


@pytest.mark.parametrize("operation", ["StartMessageMoveTask", "ListMessageMoveTasks"])
@pytest.mark.parametrize("caller", [{"region": "eu-west-1"}, {"account": "111111111111"}])
async def test_move_tasks_are_of_the_callers_own_queues(
    sqs: Sqs, client: MakeSqs, operation: str, caller: dict[str, str]
) -> None:
    _, dead = await sqs.dead_letter_pair()
    refusal = await client(**caller).refusal(operation, SourceArn=await sqs.arn(dead))

    assert refusal == (
        404,
        "ResourceNotFoundException",
        "The resource that you specified for the SourceArn parameter doesn't exist.",
    )


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
        (
            "dynamic",
            "sqs.us-east-1.localhost:8080",
            "http://sqs.us-east-1.localhost:8080/000000000000/orders",
        ),
        ("standard", "localhost:4566", "http://sqs.us-east-1.localhost:4566/000000000000/orders"),
        ("standard", "us-east-1.queue.localhost", "http://sqs.us-east-1.localhost/000000000000/orders"),
        ("standard", "127.0.0.1:4566", "http://127.0.0.1:4566/000000000000/orders"),
        ("domain", "localhost:4566", "http://us-east-1.queue.localhost:4566/000000000000/orders"),
        ("domain", "sqs.eu-west-1.localhost", "http://us-east-1.queue.localhost/000000000000/orders"),
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
