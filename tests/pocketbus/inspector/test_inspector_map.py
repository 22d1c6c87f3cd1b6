"""The map: mappings and pipes stand between what they take from and what they hand to."""

import json

import httpx

from pocketbus import Emulator

ARN = "arn:aws:{}:us-east-1:000000000000:{}".format


def test_mappings_and_pipes_are_drawn_behind_their_queues(emulator: Emulator, http: httpx.Client) -> None:
    sqs, functions, pipes = map(emulator.client, ("sqs", "lambda", "pipes"))
    for name in ("orders", "large-orders"):
        sqs.create_queue(QueueName=name)
    emulator.on_lambda("invoices", lambda _event, _context: None)
    functions.create_event_source_mapping(FunctionName="invoices", EventSourceArn=ARN("sqs", "large-orders"))
    wanted = {"Pattern": json.dumps({"body": {"items": [{"numeric": [">", 9]}]}})}
    pipes.create_pipe(
        Name="only-large",
        Source=ARN("sqs", "orders"),
        SourceParameters={"FilterCriteria": {"Filters": [wanted]}},
        Target=ARN("sqs", "large-orders"),
        RoleArn="arn:aws:iam::000000000000:role/pipe",
    )

    page = http.get("/_pocketbus/ui").text

    for shown in ("Mappings and pipes", "only-large", "body.items &gt; 9", "invoices"):
        assert shown in page
    for end in ("large-orders", "function:invoices"):
        assert f"<title>to {end}</title>" in page
