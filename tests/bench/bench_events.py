"""Over HTTP: PutEvents of ten entries with 1, 100 and 10,000 rules, one of them matching, against the floor."""

import json
from functools import partial

import uvloop

from scripts.ports import free_port
from tests.bench.bench_http import Served
from tests.bench.load import Caller, always, sqs_request
from tests.bench.processes import floor, pocketbus, wait_until_answered
from tests.bench.table import Row

SLICES = 4
RULES = (1, 100, 10_000)
ENTRIES = [
    {
        "Source": "shop.orders",
        "DetailType": "OrderPlaced",
        "Detail": json.dumps({"order": f"o-{number}", "state": "paid", "amount": 250, "items": ["A", "B"]}),
    }
    for number in range(10)
]


def rows() -> list[Row]:
    floor_port, our_port = free_port(), free_port()
    with floor(floor_port) as floor_process, pocketbus(our_port) as our_process:
        wait_until_answered(our_port)
        wait_until_answered(floor_port)
        base = Served(floor_process, floor_port)
        served = {rules: Served(our_process, our_port) for rules in RULES}
        return uvloop.run(_measure(base, served))


async def _measure(base: Served, served: dict[int, Served]) -> list[Row]:
    for rules, server in served.items():
        await _make_rules(server.port, _bus(rules), rules)
    entries = sqs_request("SendMessage", MessageBody=json.dumps(ENTRIES))
    for _ in range(SLICES):  # slices alternate, so that whatever else the machine does falls on all
        await base.slice(lambda: always(entries))
        for rules, server in served.items():
            await server.slice(partial(always, _put_events(_bus(rules))))
    one = served[1]
    return [
        Row("PutEvents of 10 entries, 1 rule, against the floor", one.against(base), 0.05),
        Row("PutEvents with 100 rules, against 1 rule", served[100].against(one), 0.8),
        Row("PutEvents with 10,000 rules, against 1 rule", served[10_000].against(one), 0.8),
    ]


async def _make_rules(port: int, bus: str, count: int) -> None:
    """Make a bus with so many rules, the last of which matches and has no target."""
    caller = await Caller.open(port)
    await caller.ask(_request("CreateEventBus", Name=bus))
    for number in range(count):
        state = "paid" if number == count - 1 else f"state-{number}"
        pattern = {"source": ["shop.orders"], "detail": {"state": [state]}}
        request = _request("PutRule", Name=f"r{number}", EventBusName=bus, EventPattern=json.dumps(pattern))
        await caller.ask(request)
    caller.close()


def _put_events(bus: str) -> bytes:
    return _request("PutEvents", Entries=[{**entry, "EventBusName": bus} for entry in ENTRIES])


def _request(operation: str, **members: object) -> bytes:
    rendered = sqs_request(operation, **members)
    return rendered.replace(b"AmazonSQS.", b"AWSEvents.", 1).replace(b"/sqs/", b"/events/", 1)


def _bus(rules: int) -> str:
    return f"bench-{rules}"
