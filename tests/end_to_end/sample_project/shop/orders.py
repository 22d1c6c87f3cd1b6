"""Takes orders, and tells the bus of each."""

import json

import boto3


def place(order_id: str, total: float) -> None:
    entry = {
        "Source": "shop",
        "DetailType": "order.placed",
        "Detail": json.dumps({"order": order_id, "total": total}),
    }
    answer = boto3.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"Order {order_id} was not taken: {answer['Entries'][0]['ErrorMessage']}")
