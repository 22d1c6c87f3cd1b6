"""Input transformers from PutTargets to the queue: the cases that AWS's user guide walks through.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
from typing import Any

import pytest

DETAIL = {
    "instance-id": "i-0123456789",
    "state": "RUNNING",
    "tags": ["web", "blue"],
    "owner": {"team": "shop"},
    "count": 3,
    "quoted": 'say "hi"',
}
RULE = "arn:aws:events:us-east-1:000000000000:rule/instances"
PATHS = {"instance": "$.detail.instance-id", "state": "$.detail.state"}


@pytest.mark.parametrize(
    ("paths", "template", "body"),
    [
        (PATHS, '"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'),
        (
            PATHS,
            '{"instance": <instance>, "state": <state>}',
            '{"instance":"i-0123456789","state":"RUNNING"}',
        ),
        (
            PATHS,
            '{"instance": "<instance>", "state": "<state>", "kind": "fixed"}',
            '{"instance":"i-0123456789","state":"RUNNING","kind":"fixed"}',
        ),
        (
            PATHS,
            '{"text": "instance <instance> is in <state>", "nested": {"state": <state>}}',
            '{"text":"instance i-0123456789 is in RUNNING","nested":{"state":"RUNNING"}}',
        ),
        (
            PATHS,
            '"first: <instance>"\n"second: <state>"',
            '"first: i-0123456789"\n"second: RUNNING"',
        ),
        ({"tags": "$.detail.tags"}, '{"tags": <tags>}', '{"tags":["web","blue"]}'),
        ({"owner": "$.detail.owner"}, '{"owner": <owner>}', '{"owner":{"team":"shop"}}'),
        ({"n": "$.detail.count"}, '{"n": <n>, "text": "<n>"}', '{"n":3,"text":"3"}'),
        ({"tag": "$.detail.tags[0]"}, '{"tag": <tag>}', '{"tag":"web"}'),
        ({"gone": "$.detail.gone"}, '{"gone": <gone>}', '{"gone":""}'),
        ({}, '{"rule": <aws.events.rule-arn>}', f'{{"rule":"{RULE}"}}'),
        ({}, '{"name": <aws.events.rule-name>}', '{"name":"instances"}'),
        ({}, '{"at": <aws.events.event.ingestion-time>}', '{"at":"2026-01-01T10:00:00Z"}'),
    ],
)
def test_a_transformer_makes_what_the_target_receives(
    world: Any, paths: dict[str, str], template: str, body: str
) -> None:
    url = send(world, {"InputPathsMap": paths, "InputTemplate": template})

    assert world.bodies(url) == [body]


def test_a_transformer_can_wrap_the_whole_event(world: Any) -> None:
    url = send(world, {"InputTemplate": '{"event": <aws.events.event.json>}'})

    (body,) = world.bodies(url)
    assert json.loads(body)["event"]["detail"] == DETAIL


def test_a_transformer_whose_result_is_no_json_sends_nothing(world: Any) -> None:
    url = send(
        world,
        {"InputPathsMap": {"text": "$.detail.quoted"}, "InputTemplate": '{"text": "<text>"}'},
    )

    assert world.bodies(url) == []


def send(world: Any, transformer: dict[str, Any]) -> str:
    """Put a rule with the transformer and an event that it matches; return the URL of its queue."""
    url, queue = world.queue()
    world.events.put_rule(Name="instances", EventPattern='{"source": ["my.ec2"]}')
    world.events.put_targets(
        Rule="instances", Targets=[{"Id": "q", "Arn": queue, "InputTransformer": transformer}]
    )
    entry = {"Source": "my.ec2", "DetailType": "State change", "Detail": json.dumps(DETAIL)}
    assert world.events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    return str(url)
