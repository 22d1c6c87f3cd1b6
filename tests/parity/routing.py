"""EventBridge to SQS: which events a rule sends on, and as what.

Only our own ways in are compared: moto's needs a library more, and it does not test patterns.
"""

import json
from typing import Any

from tests.parity.aws import Aws

_DETAIL = {"state": "paid", "amount": 250, "items": [{"sku": "A"}, {"sku": "B"}]}


def _rule(
    aws: Aws, name: str, queue: str, pattern: dict[str, Any], bus: str = "default", **target: Any
) -> None:
    aws(
        f"put the rule {name}",
        "events.put_rule",
        Name=name,
        EventBusName=bus,
        EventPattern=json.dumps(pattern),
    )
    targets = [{"Id": "queue", "Arn": aws.arn_of(queue), **target}]
    aws(f"put the target of {name}", "events.put_targets", Rule=name, EventBusName=bus, Targets=targets)


def _event(detail: dict[str, Any] | None = None, **members: str) -> dict[str, str]:
    return {
        "Source": "shop.orders",
        "DetailType": "OrderPlaced",
        "Detail": json.dumps(_DETAIL if detail is None else detail),
        **members,
    }


def _arrivals(aws: Aws, step: str, queue: str) -> None:
    result = aws(step, "sqs.receive_message", QueueUrl=queue, MaxNumberOfMessages=10)
    bodies = [_body(message["Body"]) for message in result.get("Messages", [])]
    aws.transcript[step]["result"] = {"arrived": sorted(bodies, key=repr)}


def _body(text: str) -> Any:
    body = json.loads(text)
    if not isinstance(body, dict):
        return body
    return {name: "<present>" if name in {"id", "time"} else value for name, value in body.items()}


def an_event_arrives_where_its_rule_says(aws: Aws) -> None:
    paid, others = aws.make_queue("paid"), aws.make_queue("others")
    _rule(aws, "paid", paid, {"source": ["shop.orders"], "detail": {"state": ["paid"]}})
    _rule(aws, "others", others, {"detail": {"state": [{"anything-but": "paid"}]}})
    aws("put", "events.put_events", Entries=[_event(), _event({"state": "open"}), _event({})])
    _arrivals(aws, "arrived as paid", paid)
    _arrivals(aws, "arrived as another", others)


def a_bus_of_its_own_keeps_its_events(aws: Aws) -> None:
    queue, default = aws.make_queue("shop"), aws.make_queue("default")
    aws("create", "events.create_event_bus", Name="shop")
    _rule(aws, "all", queue, {"source": [{"prefix": "shop."}]}, bus="shop")
    _rule(aws, "all of the default", default, {"source": [{"prefix": "shop."}]})
    aws("put", "events.put_events", Entries=[_event(EventBusName="shop")])
    _arrivals(aws, "arrived", queue)
    _arrivals(aws, "arrived on the default bus", default)


def a_target_gets_what_it_asks_for(aws: Aws) -> None:
    constant, part, made = aws.make_queue("constant"), aws.make_queue("part"), aws.make_queue("made")
    pattern = {"source": ["shop.orders"]}
    transformer = {
        "InputPathsMap": {"state": "$.detail.state", "amount": "$.detail.amount"},
        "InputTemplate": '{"text": "it is <state>", "amount": <amount>}',
    }
    _rule(aws, "constant", constant, pattern, Input='{"fixed": true}')
    _rule(aws, "part", part, pattern, InputPath="$.detail")
    _rule(aws, "made", made, pattern, InputTransformer=transformer)
    aws("put", "events.put_events", Entries=[_event()])
    for name, queue in (("constant", constant), ("part", part), ("made", made)):
        _arrivals(aws, f"arrived as {name}", queue)


def a_pattern_is_tested_against_an_event(aws: Aws) -> None:
    event = {
        "id": "1",
        "account": "123456789012",
        "source": "shop.orders",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "OrderPlaced",
        "detail": _DETAIL,
    }
    for step, pattern in (
        ("numeric", {"detail": {"amount": [{"numeric": [">", 200, "<=", 250]}]}}),
        ("not numeric", {"detail": {"amount": [{"numeric": [">", 250]}]}}),
        ("exists", {"detail": {"note": [{"exists": False}]}}),
        ("suffix", {"source": [{"suffix": ".orders"}]}),
        ("ignoring case", {"detail-type": [{"equals-ignore-case": "orderplaced"}]}),
        ("wildcard", {"source": [{"wildcard": "shop.*"}]}),
        ("either", {"$or": [{"source": ["other"]}, {"detail": {"state": ["paid"]}}]}),
        ("one of a list", {"detail": {"items": {"sku": ["B"]}}}),
    ):
        aws(step, "events.test_event_pattern", EventPattern=json.dumps(pattern), Event=json.dumps(event))


def what_rules_refuse(aws: Aws) -> None:
    aws("an absent rule", "events.describe_rule", Name="absent")
    aws("an absent bus", "events.describe_event_bus", Name="absent")
    aws("a pattern that is no object", "events.put_rule", Name="bad", EventPattern="[]")
    aws("neither pattern nor schedule", "events.put_rule", Name="bad")
    queue = aws.arn_of(aws.make_queue())
    aws("targets of an absent rule", "events.put_targets", Rule="absent", Targets=[{"Id": "q", "Arn": queue}])
    aws("an event without a source", "events.put_events", Entries=[{"DetailType": "x", "Detail": "{}"}])
    aws("a detail that is not JSON", "events.put_events", Entries=[_event(Detail="{")])
