"""The map: who sends to whom, with live counts, and why a line let something not pass."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from msgspec.structs import replace

from pocketbus.inspector.client import RefusedError
from pocketbus.inspector.dead_letters import held, targets_of_dead_letters
from pocketbus.inspector.graph import Edge, Graph, Node, collapsed, drawn, found
from pocketbus.inspector.text import kind_of, name_of, parsed
from pocketbus.inspector.visit import ROOT, Visit

_BUS, _RULE, _TOPIC, _SUBSCRIPTION, _TARGET, _CONSUMER, _DEAD = range(7)
_HEADINGS = {
    _BUS: "Event buses",
    _RULE: "Rules, schedules and subscribers",
    _TOPIC: "Topics",
    _SUBSCRIPTION: "Subscriptions",
    _TARGET: "Queues and other targets",
    _CONSUMER: "Mappings and pipes",
    _DEAD: "Dead-letter queues",
}
_MANY = 60
"""Resources from which on names that begin alike are drawn as one, unless something else is asked for."""
_MOST_DRAWN = 400

_LOGS = ("custom_buses", "subscribers")

Items = Iterable[dict[str, Any]]


async def view(visit: Visit) -> dict[str, Any]:
    client = visit.client
    nouns = (
        *("queues", "topics", "subscriptions", "buses", "rules", "targets"),
        *("schedules", "mappings", "pipes", *_LOGS),
    )
    looks = {noun: await client.all(noun) for noun in nouns}
    graph = _graph(**looks)
    search, collapse = visit.text("search"), visit.text("collapse", "auto")
    if search:
        graph = found(graph, search)
    total = len(graph.nodes)
    if collapse == "on" or (collapse == "auto" and total > _MANY):
        graph = collapsed(graph, visit.all("expand"))
        _link_groups(graph, visit)
    drawing = drawn(graph, _HEADINGS) if len(graph.nodes) <= _MOST_DRAWN else None
    others = (*looks["targets"], *looks["subscribers"])
    dead = targets_of_dead_letters(looks["queues"], looks["subscriptions"], others)
    return {
        "drawing": drawing,
        "total": total,
        "search": search,
        "collapse": collapse,
        "expanded": visit.all("expand"),
        "queues": [queue for queue in looks["queues"] if search.lower() in queue["name"].lower()],
        "dead": [queue for queue in looks["queues"] if queue["arn"] in dead and held(queue)],
        "line": await _line(visit, looks),
        "everything": {noun: len(items) for noun, items in looks.items() if noun != "targets"},
    }


def _graph(
    queues: Items,
    topics: Items,
    subscriptions: Items,
    buses: Items,
    rules: Items,
    targets: Items,
    schedules: Items,
    mappings: Items,
    pipes: Items,
    custom_buses: Items = (),
    subscribers: Items = (),
) -> Graph:
    graph = Graph()
    dead = targets_of_dead_letters(queues, subscriptions, (*targets, *subscribers))
    used = {rule["bus"] for rule in rules}
    shown = [bus for bus in buses if bus["name"] != "default" or bus["arn"] in used]
    for column, sources in ((_BUS, shown), (_TOPIC, topics)):
        for source in sources:
            graph.add(_node(source["arn"], column, href=_publish(source["arn"])))
    for queue in queues:
        _add_queue(graph, queue, is_dead=queue["arn"] in dead)
    for rule in rules:
        _add_rule(graph, rule)
    for target in targets:
        _add_end(graph, target["arn"])
        graph.connect(
            Edge(target["rule"], target["arn"], _line_of(target["rule"]), f"to {name_of(target['arn'])}")
        )
        _add_dead_way(graph, target["rule"], target["dead_letter_target"])
    for schedule in schedules:
        _add_schedule(graph, schedule)
    _add_logs(graph, custom_buses, subscribers)
    for subscription in subscriptions:
        _add_subscription(graph, subscription)
    _add_consumers(graph, mappings, pipes)
    _add_redrives(graph, queues)
    graph.edges = [edge for edge in graph.edges if edge.start in graph.nodes and edge.end in graph.nodes]
    return graph


def _node(arn: str, column: int, **details: Any) -> Node:
    return Node(arn, name_of(arn), kind_of(arn), column, **details)


def _publish(arn: str) -> str:
    return f"{ROOT}/publish?{urlencode({'to': arn})}"


def _line_of(arn: str) -> str:
    return f"?{urlencode({'line': arn})}#line"


def _add_queue(graph: Graph, queue: dict[str, Any], *, is_dead: bool) -> None:
    graph.add(
        _node(
            queue["arn"],
            _DEAD if is_dead else _TARGET,
            ready=queue["ready"],
            delayed=queue["delayed"],
            in_flight=queue["in_flight"],
            alarm=is_dead and held(queue) > 0,
            href=f"{ROOT}/queue?{urlencode({'queue': queue['arn']})}",
        )
    )


def _add_rule(graph: Graph, rule: dict[str, Any]) -> None:
    note = rule["schedule_expression"] or short_filter(rule["event_pattern"])
    if rule["state"] == "DISABLED":
        note = f"disabled, {note}"
    graph.add(_node(rule["arn"], _RULE, note=note, href=_line_of(rule["arn"])))
    graph.connect(Edge(rule["bus"], rule["arn"], _line_of(rule["arn"]), note))


def _add_schedule(graph: Graph, schedule: dict[str, Any]) -> None:
    expression = schedule["schedule_expression"]
    graph.add(_node(schedule["arn"], _RULE, note=expression))
    _add_end(graph, schedule["target"])
    graph.connect(Edge(schedule["arn"], schedule["target"], title=expression))


def _add_redrives(graph: Graph, queues: Items) -> None:
    for queue in queues:
        policy = queue["settings"]["redrive_policy"]
        if policy:
            title = f"after {policy['max_receive_count']} receives"
            _add_dead_way(graph, queue["arn"], policy["dead_letter_target"], title)


def _add_logs(graph: Graph, custom_buses: Items, subscribers: Items) -> None:
    for bus in custom_buses:
        graph.add(_node(bus["arn"], _BUS, note=f"{bus['events']} events"))
    for subscriber in subscribers:
        _add_subscriber(graph, subscriber)


def _add_subscriber(graph: Graph, subscriber: dict[str, Any]) -> None:
    lag = subscriber["lag"]
    note = f"{lag} behind" if lag else "at the end"
    if subscriber["revoked"] or subscriber["state"] != "RUNNING":
        note = f"{'revoked' if subscriber['revoked'] else 'stopped'}, {note}"
    graph.add(_node(subscriber["arn"], _RULE, note=note, alarm=lag > 0))
    _add_end(graph, subscriber["target"])
    title = ", ".join(map(short_filter, subscriber["filters"].values())) or "everything"
    graph.connect(Edge(subscriber["bus"], subscriber["arn"], title=title))
    graph.connect(Edge(subscriber["arn"], subscriber["target"], title=note))
    _add_dead_way(graph, subscriber["arn"], subscriber["dead_letter_target"])


def _add_subscription(graph: Graph, subscription: dict[str, Any]) -> None:
    arn, end = subscription["arn"], subscription["endpoint"]
    note = short_filter(subscription["filter_policy"]) if subscription["filter_policy"] else "everything"
    if not subscription["confirmed"]:
        note = "not confirmed"
    label = f"{subscription['protocol']} to {name_of(end)}"
    graph.add(Node(arn, label, "subscription", _SUBSCRIPTION, note=note, href=_line_of(arn)))
    _add_end(graph, end)
    graph.connect(Edge(subscription["topic"], arn, _line_of(arn), note))
    graph.connect(Edge(arn, end, _line_of(arn), label))
    _add_dead_way(graph, arn, subscription["dead_letter_target"])


def _add_consumers(graph: Graph, mappings: Items, pipes: Items) -> None:
    for mapping in mappings:
        _add_consumer(graph, mapping, mapping["queue"], mapping["function"])
    for pipe in pipes:
        _add_consumer(graph, pipe, pipe["source"], pipe["target"])


def _add_consumer(graph: Graph, consumer: dict[str, Any], source: str, target: str) -> None:
    """Draw a mapping or a pipe between where it takes from and what it hands to."""
    note = consumer["state"].lower()
    if consumer["filters"]:
        note = f"{note}, {' or '.join(map(short_filter, consumer['filters']))}"
    graph.add(_node(consumer["arn"], _CONSUMER, note=note))
    for end in (source, target):
        _add_end(graph, end)
    graph.connect(Edge(source, consumer["arn"], title=note))
    graph.connect(Edge(consumer["arn"], target, title=f"to {name_of(target)}"))


def _add_end(graph: Graph, arn: str) -> None:
    """Draw where something goes that is no resource here."""
    if arn not in graph.nodes:
        kind = kind_of(arn)
        note = "there is no such queue" if kind == "queue" else kind
        column = _BUS if kind == "event bus" else _TOPIC if kind == "topic" else _TARGET
        graph.add(_node(arn, column, note=note, alarm=kind == "queue"))


def _add_dead_way(graph: Graph, start: str, end: str | None, title: str = "undeliverable") -> None:
    if end:
        graph.connect(Edge(start, end, _line_of(start), title, dead=True))


def short_filter(pattern: str | None) -> str:
    """Write a pattern short: its keys, and what they want."""
    read = parsed(pattern or "")
    return ", ".join(_wanted("", read)) if isinstance(read, dict) else ""


def _wanted(path: str, pattern: dict[str, Any]) -> Iterable[str]:
    for key, wanted in pattern.items():
        below = f"{path}.{key}" if path else key
        if isinstance(wanted, dict):
            yield from _wanted(below, wanted)
        elif isinstance(wanted, list):
            yield f"{below.removeprefix('detail.')} {'|'.join(map(_condition, wanted))}"


def _condition(wanted: Any) -> str:
    if isinstance(wanted, dict) and len(wanted) == 1:
        ((operator, operand),) = wanted.items()
        words = " ".join(map(str, operand)) if isinstance(operand, list) else str(operand)
        return words if operator == "numeric" else f"{operator} {words}"
    return str(wanted)


def _link_groups(graph: Graph, visit: Visit) -> None:
    for key, node in graph.nodes.items():
        if node.group > 1:
            prefix = key.split(":", 2)[2]
            asked = [("expand", one) for one in (*visit.all("expand"), prefix)]
            kept = [(name, visit.text(name)) for name in ("search", "collapse") if visit.text(name)]
            graph.nodes[key] = replace(node, href=f"?{urlencode([*kept, *asked])}")


async def _line(visit: Visit, looks: dict[str, list[dict[str, Any]]]) -> dict[str, Any] | None:
    """Tell of one rule, subscription or redrive policy what it lets pass and what it last refused."""
    arn = visit.text("line")
    if not arn:
        return None
    every = (*looks["rules"], *looks["subscriptions"], *looks["queues"])
    one = next((item for item in every if item["arn"] == arn), None)
    if one is None:
        return {"arn": arn, "gone": True}
    refused: list[dict[str, Any]] = []
    if "settings" not in one:
        try:
            refused = (await visit.client.get("refusals", resource=arn, limit=5))["refusals"]
        except RefusedError:
            refused = []
    targets = [target for target in looks["targets"] if target["rule"] == arn]
    return {**one, "refused": refused, "targets": targets, "kind": kind_of(arn)}
