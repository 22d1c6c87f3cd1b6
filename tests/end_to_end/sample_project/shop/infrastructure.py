"""What the shop needs of AWS: its queues, and the rules that fill them."""

import json

import boto3

FOURTEEN_DAYS = 14 * 24 * 60 * 60
EVERY_MONTH = "cron(0 12 1 * ? *)"


def set_up() -> None:
    dead = _create_queue("billing-dead")
    redrive_policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
    _route(
        "orders-to-bill",
        {"detail-type": ["order.placed"]},
        _create_queue("billing", RedrivePolicy=redrive_policy),
    )
    _route(
        "high-value-orders", {"detail": {"total": [{"numeric": [">", 1000]}]}}, _create_queue("high-value")
    )
    _route("audit", {"source": ["shop"]}, _create_queue("audit", MessageRetentionPeriod=str(FOURTEEN_DAYS)))
    _schedule("monthly-statements", EVERY_MONTH, _create_queue("statements"))


def _create_queue(name: str, **attributes: str) -> str:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return arn


def _route(rule: str, pattern: dict[str, object], queue_arn: str) -> None:
    events = boto3.client("events")
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue_arn}])


def _schedule(rule: str, expression: str, queue_arn: str) -> None:
    events = boto3.client("events")
    events.put_rule(Name=rule, ScheduleExpression=expression)
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue_arn}])
