"""TestEventPattern on the wire."""

import json
from typing import Any

import pytest

from tests.apis.events.refusals import refused

EVENT = {
    "id": "1",
    "account": "000000000000",
    "source": "shop",
    "time": "2026-11-23T12:00:00Z",
    "region": "us-east-1",
    "detail-type": "Order",
    "detail": {"n": 1},
}


@pytest.mark.parametrize(
    ("pattern", "matches"), [('{"detail": {"n": [1]}}', True), ('{"source": ["x"]}', False)]
)
def test_a_pattern_is_tried_on_an_event(events: Any, pattern: str, matches: bool) -> None:
    assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(EVENT))["Result"] is matches


@pytest.mark.parametrize("event", ["text", "[]", "{}", json.dumps([EVENT])])
def test_what_is_no_event_is_refused(events: Any, event: str) -> None:
    with refused("ValidationException", "Parameter Event is not valid."):
        events.test_event_pattern(EventPattern='{"source": ["x"]}', Event=event)


@pytest.mark.parametrize("name", ["id", "account", "source", "time", "region", "detail-type"])
def test_an_event_needs_its_mandatory_fields(events: Any, name: str) -> None:
    event = {key: value for key, value in EVENT.items() if key != name}

    with refused("ValidationException", "Parameter Event is not valid."):
        events.test_event_pattern(EventPattern='{"source": ["x"]}', Event=json.dumps(event))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (
            '["not", "a", "dict", "but valid json"]',
            (
                "Filter is not an object\n at "
                '[Source: (String)"["not", "a", "dict", "but valid json"]"; line: 1, column: 2]'
            ),
        ),
        (
            "{'bad': 'quotation'}",
            (
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name\n at "
                "[Source: (String)\"{'bad': 'quotation'}\"; line: 1, column: 2]"
            ),
        ),
        (
            "this is valid json but not a dict",
            (
                "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', "
                "'true' or 'false')\n at "
                '[Source: (String)"this is valid json but not a dict"; line: 1, column: 5]'
            ),
        ),
        (
            '{"not": closed mark"',
            (
                "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', "
                "'true' or 'false')\n at "
                '[Source: (String)"{"not": closed mark""; line: 1, column: 15]'
            ),
        ),
        ('{"a": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx"),
    ],
)
def test_a_bad_pattern_is_refused_in_the_words_of_aws(events: Any, pattern: str, message: str) -> None:
    with refused("InvalidEventPatternException", f"Event pattern is not valid. Reason: {message}"):
        events.test_event_pattern(EventPattern=pattern, Event=json.dumps(EVENT))


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("[]", "Empty arrays are not allowed"),
        ("5", '"a" must be an object or an array'),
        ('"x"', '"a" must be an object or an array'),
        ('[{"EXISTS": true}]', "Unrecognized match type EXISTS"),
        ('[{"NUMERIC": ["=", 1]}]', "Unrecognized match type NUMERIC"),
        ('[{"numeric": [">", 1, ">", 2]}]', "Bad numeric range operator: >"),
        ('[{"numeric": ["<", "x"]}]', "Value of < must be numeric"),
        ('[{"numeric": 5}]', "Value of numeric must be an array."),
        (
            '[{"anything-but": [null]}]',
            "Inside anything but list, start|null|boolean is not supported.",
        ),
        (
            '[{"anything-but": {"equals-ignore-case": [1]}}]',
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        ),
        (
            '[{"anything-but": null}]',
            "Value of anything-but must be an array or single string/number value.",
        ),
        ('[{"anything-but": {"prefix": ""}}]', "Null prefix/suffix not allowed"),
        ('[{"anything-but": {"prefix": 1}}]', "prefix/suffix match pattern must be a string"),
        ('[{"equals-ignore-case": ["x"]}]', "equals-ignore-case match pattern must be a string"),
        ('[{"prefix": 1}]', "prefix match pattern must be a string"),
        ('[{"cidr": 1}]', "prefix match pattern must be a string"),
        ('[{"suffix": 1}]', "suffix match pattern must be a string"),
        ('[{"anything-but": {"wildcard": 1}}]', "wildcard match pattern must be a string"),
        ('[{"cidr": "10.0.0.0"}]', "Malformed CIDR, one '/' required"),
        ('[{"cidr": "10.0.0.0/xx"}]', "Malformed CIDR, mask bits must be an integer"),
        ('[{"cidr": "xxxx:db8:1234:1a00::/127"}]', "Nonstandard IP address: xxxx:db8:1234:1a00::"),
        (
            '[{"wildcard": "arn:aws:events:us-east-1:**:event-bus/*"}]',
            "Consecutive wildcard characters at pos 26",
        ),
        (
            '[{"wildcard": "*:*:*:*:*:event-bus/*"}]',
            (
                "Rule is too complex - try using fewer wildcard characters "
                "or fewer repeating character sequences after a wildcard character"
            ),
        ),
    ],
)
def test_a_bad_condition_is_refused_in_the_words_of_aws(events: Any, condition: str, reason: str) -> None:
    with pytest.raises(events.exceptions.InvalidEventPatternException) as error:
        events.test_event_pattern(EventPattern=f'{{"a": {condition}}}', Event=json.dumps(EVENT))

    first_line = error.value.response["Error"]["Message"].split("\n")[0]
    assert first_line == f"Event pattern is not valid. Reason: {reason}"


@pytest.mark.parametrize("depth", [101, 501, 680])
def test_a_pattern_nested_more_than_100_deep_is_refused(events: Any, depth: int) -> None:
    pattern = '{"a":' * depth + "[1]" + "}" * depth

    with pytest.raises(events.exceptions.InvalidEventPatternException) as error:
        events.put_rule(Name="r", EventPattern=pattern)

    assert "Document nesting depth (101) exceeds the maximum allowed (100)" in str(error.value)
