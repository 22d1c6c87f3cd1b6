"""Resources over HTTP: written down as a seed, and a seed applied to the running server."""

import httpx

SEED = {
    "subscriptions": [{"TopicArn": "orders", "Protocol": "sqs", "Endpoint": "billing"}],
    "topics": [{"Name": "orders"}],
    "queues": [{"QueueName": "billing"}],
}
RESOURCES = "/_pocketbus/resources"


async def test_a_seed_applied_is_the_seed_exported(http: httpx.AsyncClient) -> None:
    answer = await http.post(RESOURCES, json=SEED)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert (await http.get(RESOURCES)).json() == SEED


async def test_a_mistake_is_told_with_its_path_and_changes_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.post(RESOURCES, json=SEED | {"topics": [{"Name": "orders"}, {"Name": "#"}]})

    assert answer.status_code == 400
    assert answer.json()["mistakes"] == [
        {
            "path": ["topics", 1],
            "error": "topics: InvalidParameterException: Invalid parameter: Topic Name",
        }
    ]
    assert (await http.get(RESOURCES)).json() == {}


async def test_a_body_that_is_no_object_is_refused(http: httpx.AsyncClient) -> None:
    assert (await http.post(RESOURCES, content=b"[]")).status_code == 400
