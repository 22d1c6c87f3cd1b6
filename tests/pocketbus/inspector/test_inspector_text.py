"""How the page writes things: names, envelopes, marks, charts, the drawing of the map, commands that work."""

import itertools
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pocketbus import Emulator
from pocketbus.inspector import text
from pocketbus.inspector.client import Client
from pocketbus.inspector.graph import Edge, Graph, Node, collapsed, drawn, found
from pocketbus.inspector.map import short_filter
from pocketbus.inspector.message import copies


@pytest.mark.parametrize(
    ("arn", "name", "kind"),
    [
        ("arn:aws:sqs:us-east-1:000000000000:orders", "orders", "queue"),
        ("arn:aws:sns:us-east-1:000000000000:news", "news", "topic"),
        ("arn:aws:sns:us-east-1:000000000000:news:7f", "news:7f", "subscription"),
        ("arn:aws:events:us-east-1:000000000000:rule/shop/big", "shop/big", "rule"),
        ("arn:aws:events:us-east-1:000000000000:event-bus/shop", "shop", "event bus"),
        ("arn:aws:lambda:us-east-1:000000000000:function:f", "function:f", "function"),
        ("https://example.com/hook", "https://example.com/hook", "endpoint"),
    ],
)
def test_resources_are_called_by_the_end_of_their_arn(arn: str, name: str, kind: str) -> None:
    assert (text.name_of(arn), text.kind_of(arn)) == (name, kind)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "-"), (-3, "0 s"), (59.9, "59 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (90_000, "1 d 1 h")],
)
def test_durations_have_their_two_largest_units(seconds: float | None, words: str) -> None:
    assert text.age(seconds) == words


def test_envelopes_are_taken_off_the_outermost_first() -> None:
    event = {"detail-type": "placed", "source": "shop", "time": "t", "detail": {"total": 5}}
    body = json.dumps({"Type": "Notification", "TopicArn": "arn", "Message": json.dumps(event)})

    sns, events, content = text.layers(body)

    assert (sns.what, sns.about) == ("SNS notification", {"TopicArn": "arn"})
    assert (events.what, events.about["source"]) == ("EventBridge event", "shop")
    assert (content.what, content.text) == ("Content", '{"total": 5}')


def test_the_key_that_fails_is_marked() -> None:
    event = {"source": "s", "detail": {"items": [{"price": 1}, {"price": 2}], "total": 5}}

    assert [line.text.strip() for line in text.marked(event, "detail.total") if line.marked] == ['"total": 5']
    assert [line.text.strip() for line in text.marked(event, "detail.items.price") if line.marked] == [
        '"price": 1',
        '"price": 2',
    ]


def test_of_a_key_that_is_missing_the_nearest_above_it_is_marked() -> None:
    event = {"source": "s", "detail": {"a.b": {"c": 1}}}

    assert [line.text for line in text.marked(event, "detail.x") if line.marked] == ['  "detail": {', "  }"]
    assert [line.text.strip() for line in text.marked(event, "detail.a.b.c") if line.marked] == ['"c": 1']
    assert not any(line.marked for line in text.marked(event, "x"))


def test_marked_json_says_what_the_json_said() -> None:
    event = {"a": [], "b": {}, "c": [1, [2, "x"]], "d": {"e": None, "f": "\u202e<"}}

    assert json.loads("\n".join(line.text for line in text.marked(event, "c"))) == event


def test_a_filter_has_a_short_form() -> None:
    pattern = json.dumps({"source": ["shop"], "detail": {"total": [{"numeric": [">", 1000]}], "n": [1, 2]}})

    assert short_filter(pattern) == "source shop, total > 1000, n 1|2"
    assert short_filter(json.dumps({"a": [{"prefix": "x"}, {"exists": False}]})) == "a prefix x|exists False"


def graph(*names: str) -> Graph:
    made = Graph()
    for name in names:
        made.add(Node(name, name, "queue", 4, ready=1))
    made.add(Node("topic", "topic", "topic", 2))
    for name in names:
        made.connect(Edge("topic", name, f"?line={name}"))
    return made


def test_names_that_begin_alike_are_drawn_as_one_with_their_counts() -> None:
    small = collapsed(graph("job-1", "job-2", "other"), [])

    assert {node.label: (node.group, node.ready) for node in small.nodes.values()} == {
        "job-\u2026": (2, 2),
        "other": (1, 1),
        "topic": (1, 0),
    }
    assert sorted((edge.end, edge.count) for edge in small.edges) == [("group:4:job-", 2), ("other", 1)]
    assert set(collapsed(graph("job-1", "job-2"), ["job-"]).nodes) == {"job-1", "job-2", "topic"}


def test_a_search_keeps_what_leads_to_a_hit() -> None:
    assert set(found(graph("job-1", "other"), "JOB").nodes) == {"job-1", "topic"}
    assert found(graph("job-1"), "none").nodes == {}


def test_nodes_of_a_column_do_not_overlap() -> None:
    drawing = drawn(graph(*map(str, range(50))), {2: "Topics", 4: "Queues"})

    ys = sorted(node.y for node in drawing.nodes if node.column == 4)
    assert min(after - before for before, after in itertools.pairwise(ys)) >= 46
    assert [words for _, words in drawing.headings] == ["Topics", "Queues"]
    assert all(edge.curve for edge in drawing.edges)


def test_a_line_to_what_is_not_on_the_map_is_left_out() -> None:
    made = graph("orders")
    made.connect(Edge("orders", "of another page", dead=True))

    assert [edge.end for edge in drawn(made, {2: "Topics", 4: "Queues"}).edges] == ["orders"]


@pytest.fixture
def client(emulator: Emulator) -> Client:
    host = emulator.url.removeprefix("http://").encode()
    return Client(lambda *_: None, {"scheme": "http", "headers": [(b"host", host)]})  # type: ignore[arg-type]


BODIES = ("plain", 'it\'s "quoted" `so` $HOME \\n', '{"a": "`x` \'y\'", "n": 1.5}', "two\nlines")


def message(body: str) -> dict[str, Any]:
    attributes = {"color": {"data_type": "String", "value": "it's red"}}
    return {"body": body, "attributes": attributes, "group_id": None, "deduplication_id": None}


@pytest.mark.parametrize("body", BODIES)
def test_a_copied_command_and_copied_code_say_what_the_message_says(
    emulator: Emulator, client: Client, body: str, tmp_path: Path
) -> None:
    queue = "arn:aws:sqs:us-east-1:000000000000:orders"
    emulator.client("sqs").create_queue(QueueName="orders")
    written = copies(client, queue, message(body))

    words = shlex.split(written["AWS CLI"].replace("\\\n", ""))
    given = dict(zip(words[7::2], words[8::2], strict=True))
    assert given["--message-body"] == body
    assert json.loads(given["--message-attributes"])["color"]["StringValue"] == "it's red"

    program = tmp_path / "send.py"
    program.write_text(written["boto3"], encoding="utf-8")
    subprocess.run([sys.executable, program], check=True, env=emulator.variables(), timeout=60)
    (sent,) = emulator.messages("orders")
    assert (sent.body, sent.attributes["color"]["value"]) == (body, "it's red")

    assertion: dict[str, Any] = {}
    exec(written["pytest"], assertion)  # noqa: S102 - what users do with it
    assertion["test_the_message_arrives"](emulator)
