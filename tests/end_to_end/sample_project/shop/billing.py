"""Consumes the orders and charges for them: naively, or so that a message that comes twice is charged once."""

import json
from typing import Any

import boto3


class NaiveBilling:
    """Trusts that every message comes once; on a standard queue none does for sure."""

    def __init__(self) -> None:
        self.charges: list[tuple[str, float]] = []

    def work(self) -> None:
        """Charge for all that waits."""
        sqs = boto3.client("sqs")
        queue = sqs.get_queue_url(QueueName="billing")["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=queue).get("Messages"):
            for message in messages:
                self.charge(json.loads(message["Body"])["detail"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def charge(self, order: dict[str, Any]) -> None:
        if order["total"] < 0:
            raise ValueError(f"Order {order['order']} cannot be charged.")
        self.charges.append((order["order"], order["total"]))


class Billing(NaiveBilling):
    """Knows what it has charged."""

    def charge(self, order: dict[str, Any]) -> None:
        if order["order"] not in {charged for charged, _ in self.charges}:
            super().charge(order)
