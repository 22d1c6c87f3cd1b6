"""A target's inputs, as PutTargets checks them and as a target receives them."""

import json

import pytest

from pocketbus.rules.transform import InvalidTransform, Transform, Variables, compile_transform

VARIABLES = Variables(
    rule_arn="arn:aws:events:eu-west-1:000000000000:rule/orders",
    rule_name="orders",
    ingestion_time="2026-11-23T12:00:00Z",
)
EVENT = json.dumps(
    {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "Order placed",
        "source": "shop.orders",
        "account": "000000000000",
        "time": "2026-11-23T11:59:58Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
        "detail": {
            "command": "update-account",
            "instance-id": "i-0123456789",
            "state": "RUNNING",
            "payload": {"acc_id": "0a78", "sf_id": "baz"},
            "states": ["ACTIVE", "INACTIVE"],
            "paid": True,
            "note": None,
            "price": 12.50,
            "quote": 'say "hi"',
            "twolines": "a\nb",
        },
    }
)
PATHS = {
    "time": "$.time",
    "resource": "$.resources[0]",
    "instance": "$.detail.instance-id",
    "state": "$.detail.state",
    "payload": "$.detail.payload",
    "states": "$.detail.states",
    "paid": "$.detail.paid",
    "note": "$.detail.note",
    "price": "$.detail.price",
    "quote": "$.detail.quote",
    "twolines": "$.detail.twolines",
    "missing": "$.detail.no.such",
}


def delivered(transform: Transform, event: str = EVENT) -> str | None:
    return transform.apply(event, VARIABLES)


def filled(template: str, event: str = EVENT) -> str | None:
    return delivered(compile_transform("t1", paths_map=PATHS, template=template), event)


def refusal(template: str) -> str:
    with pytest.raises(InvalidTransform) as caught:
        compile_transform("t1", paths_map=PATHS, template=template)
    return str(caught.value)


def test_without_an_input_the_event_goes_out_as_it_is() -> None:
    assert delivered(compile_transform("t1"), '{ "a" : 1 }') == '{ "a" : 1 }'


def test_an_input_is_sent_verbatim() -> None:
    assert delivered(compile_transform("t1", input='{ "b" : "<a>" }')) == '{ "b" : "<a>" }'


def test_an_input_that_is_not_json_is_refused() -> None:
    with pytest.raises(InvalidTransform) as caught:
        compile_transform("t1", input="hello")

    assert str(caught.value) == "JSON syntax error in input for target t1."


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.detail.payload", '{"acc_id":"0a78","sf_id":"baz"}'),
        ("$.detail.payload.sf_id", '"baz"'),
        ("$.detail.states[1]", '"INACTIVE"'),
        ("$.detail.price", "12.5"),
        ("$.detail.note", "null"),
        ("$.resources[*]", '["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"]'),
    ],
)
def test_an_input_path_delivers_the_json_it_selects(path: str, text: str) -> None:
    assert delivered(compile_transform("t1", input_path=path)) == text


def test_the_path_of_the_whole_event_delivers_it_minified() -> None:
    assert delivered(compile_transform("t1", input_path="$"), '{ "a" : [1, 2] }') == '{"a":[1,2]}'


def test_an_input_path_that_selects_nothing_delivers_nothing() -> None:
    assert delivered(compile_transform("t1", input_path="$.detail.no.such")) is None


def test_an_unreadable_input_path_is_not_refused_and_delivers_nothing() -> None:
    assert delivered(compile_transform("t1", input_path="$..detail[?(@.x)]")) is None


@pytest.mark.parametrize(
    "inputs",
    [
        {"input": "{}", "input_path": "$"},
        {"input": "{}", "template": "{}"},
        {"input_path": "$", "template": "{}"},
        {"input": "{}", "input_path": "$", "template": "{}"},
    ],
)
def test_two_inputs_are_refused(inputs: dict[str, str]) -> None:
    with pytest.raises(InvalidTransform) as caught:
        compile_transform(
            "t1",
            input=inputs.get("input"),
            input_path=inputs.get("input_path"),
            template=inputs.get("template"),
        )

    assert (
        str(caught.value)
        == "Only one of Input, InputPath, or InputTransformer must be provided for target t1."
    )


@pytest.mark.parametrize("name", ["nosuch", "aws.events.nosuch", "Time"])
def test_an_unknown_placeholder_is_refused(name: str) -> None:
    assert refusal(f'"<{name}>"') == f"InputTemplate for target t1 contains invalid placeholder {name}."


def test_an_unquoted_placeholder_takes_the_json_form() -> None:
    assert (
        filled('{"i": <instance>, "p": <payload>, "l": <states>, "b": <paid>, "n": <note>, "f": <price>}')
        == '{"i":"i-0123456789","p":{"acc_id":"0a78","sf_id":"baz"},"l":["ACTIVE","INACTIVE"],'
        '"b":true,"n":null,"f":12.5}'
    )


def test_a_quoted_placeholder_pastes_the_raw_text() -> None:
    assert (
        filled('{"path": "users/<instance>/is/<state>/<paid>/<price>"}')
        == '{"path":"users/i-0123456789/is/RUNNING/true/12.5"}'
    )


def test_static_values_surround_placeholders() -> None:
    assert (
        filled('{"instance": <instance>, "state": [9, <state>, true], "Transformed": "Yes"}')
        == '{"instance":"i-0123456789","state":[9,"RUNNING",true],"Transformed":"Yes"}'
    )


def test_a_json_template_is_delivered_minified() -> None:
    assert filled('{\n  "state" : <state> ,\n  "x" : [ 1, 2 ]\n}') == '{"state":"RUNNING","x":[1,2]}'


def test_a_missing_path_is_an_empty_string_when_unquoted() -> None:
    assert filled('{"a": <missing>}') == '{"a":""}'


def test_a_missing_path_is_nothing_when_quoted() -> None:
    assert filled('{"a": "[<missing>]"}') == '{"a":"[]"}'


@pytest.mark.parametrize("name", ["payload", "states", "quote", "twolines", "aws.events.event"])
def test_nothing_is_delivered_if_an_unescaped_value_breaks_the_json(name: str) -> None:
    assert filled(f'{{"a": "<{name}>"}}') is None


def test_a_value_pasted_in_quotes_may_carry_its_own_escapes() -> None:
    event = json.dumps({"detail": {"state": r"tab\there"}})

    assert filled('{"a": "<state>"}', event) == r'{"a":"tab\there"}'


def test_a_placeholder_alone_delivers_its_json() -> None:
    assert filled("<payload>") == '{"acc_id":"0a78","sf_id":"baz"}'


def test_an_array_template_is_json() -> None:
    assert filled('[<state>, "<state>!"]') == '["RUNNING","RUNNING!"]'


def test_a_text_template_keeps_its_outer_quotes() -> None:
    assert filled('"instance <instance> is in <state>"') == '"instance i-0123456789 is in RUNNING"'


def test_a_text_template_keeps_its_escaped_quotes() -> None:
    assert filled(r'"instance \"<instance>\" is in <state>"') == r'"instance \"i-0123456789\" is in RUNNING"'


def test_objects_and_lists_lose_their_quotes_in_a_text_template() -> None:
    assert filled('"<payload> <states>"') == '"{acc_id:0a78,sf_id:baz} [ACTIVE,INACTIVE]"'


def test_a_boolean_is_its_json_word_in_a_text_template() -> None:
    assert filled('"paid: <paid>"') == '"paid: true"'


def test_a_missing_path_is_empty_in_a_text_template() -> None:
    assert filled('"[<missing>]"') == '"[]"'


def test_a_text_template_may_have_several_lines() -> None:
    assert filled('"The <state>"\n"of <instance>"') == '"The RUNNING"\n"of i-0123456789"'


def test_white_space_may_stand_before_a_text_template() -> None:
    assert filled(' "<payload>"') == ' "{acc_id:0a78,sf_id:baz}"'


def test_one_placeholder_may_stand_in_many_places() -> None:
    assert filled('{"x": "<state>/<state>", "y": <state>}') == '{"x":"RUNNING/RUNNING","y":"RUNNING"}'


def test_predefined_strings_stand_in_a_text_template() -> None:
    assert (
        filled('"<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>"')
        == '"orders arn:aws:events:eu-west-1:000000000000:rule/orders 2026-11-23T12:00:00Z"'
    )


def test_predefined_strings_are_quoted_as_json_values() -> None:
    assert filled('{"rule": <aws.events.rule-name>}') == '{"rule":"orders"}'


def test_the_predefined_event_has_no_detail_and_renames_its_detail_type() -> None:
    event = '{"id": "1", "detail-type": "T", "source": "s", "detail": {"a": 1}}'

    assert filled('{"e": <aws.events.event>}', event) == '{"e":{"id":"1","detailType":"T","source":"s"}}'


def test_the_predefined_json_event_is_the_whole_event() -> None:
    event = '{"id": "1", "detail-type": "T", "detail": {"a": 1}}'

    assert filled('{"e": <aws.events.event.json>}', event) == f'{{"e":{event.replace(" ", "")}}}'


def test_numbers_are_delivered_as_they_were_written() -> None:
    event = '{"detail": {"price": 1.50, "state": 123456789012345678901234567890, "note": 1E400}}'

    assert (
        filled('{"p": <price>, "s": <state>, "n": "<note>"}', event)
        == '{"p":1.50,"s":123456789012345678901234567890,"n":"1E400"}'
    )


def test_angle_brackets_around_anything_but_a_name_are_text() -> None:
    assert filled('"1 < 2 and 3 > 2, <>, </b>"') == '"1 < 2 and 3 > 2, <>, </b>"'


@pytest.mark.parametrize(
    ("template", "line", "column"),
    [
        ("instance <state>", 1, 1),
        ('{"a": <state>', 1, 14),
        ('{\n "a": <state> <state>}', 2, 15),
        ("<state> <state>", 1, 9),
        ('"open', 1, 1),
        ('"a" b', 1, 5),
        ("   ", 1, 4),
        ("NaN", 1, 1),
        ('{"a": -Infinity}', 1, 1),
    ],
)
def test_a_template_that_can_never_be_json_is_refused(template: str, line: int, column: int) -> None:
    assert refusal(template) == (
        f'Invalid InputTemplate for target t1 : [Source: (String)"{template}"; line: {line}, column: {column}].'
    )


@pytest.mark.parametrize("template", ["{<state>: 1}", '{"<state>": 1}', '{"a": [{"x-<state>": 1}]}'])
def test_a_placeholder_may_not_be_an_object_key(template: str) -> None:
    assert refusal(template).startswith("Invalid InputTemplate for target t1 : ")


def test_a_template_has_at_most_8192_characters() -> None:
    longest = '"' + "x" * 8190 + '"'

    assert filled(longest) == longest
    assert refusal(longest + " ") == (
        "1 validation error detected: Value at 'inputTransformer.inputTemplate' failed to satisfy constraint:"
        " Member must have length less than or equal to 8192"
    )


def test_a_template_has_at_least_one_character() -> None:
    assert refusal("").endswith("Member must have length greater than or equal to 1")


def test_an_input_path_has_at_most_256_characters() -> None:
    compile_transform("t1", input_path="$." + "x" * 254)
    with pytest.raises(InvalidTransform, match=r"'inputPath' .* less than or equal to 256"):
        compile_transform("t1", input_path="$." + "x" * 255)


def test_an_input_has_at_most_8192_characters() -> None:
    compile_transform("t1", input='"' + "x" * 8190 + '"')
    with pytest.raises(InvalidTransform, match=r"'input' .* less than or equal to 8192"):
        compile_transform("t1", input='"' + "x" * 8191 + '"')


def test_a_paths_map_has_at_most_100_entries() -> None:
    paths = {f"n{number}": "$" for number in range(101)}

    with pytest.raises(InvalidTransform, match="less than or equal to 100"):
        compile_transform("t1", paths_map=paths, template="{}")
    del paths["n100"]
    compile_transform("t1", paths_map=paths, template="{}")


@pytest.mark.parametrize(
    ("paths", "constraint"),
    [
        ({"x" * 257: "$"}, "less than or equal to 256"),
        ({"a": "$." + "x" * 255}, "less than or equal to 256"),
        ({"a b": "$"}, "regular expression pattern"),
        ({"": "$"}, "regular expression pattern"),
        ({"AWS.x": "$"}, "regular expression pattern"),
        ({"aws.events.rule-name": "$"}, "regular expression pattern"),
    ],
)
def test_a_paths_map_entry_outside_the_limits_is_refused(paths: dict[str, str], constraint: str) -> None:
    with pytest.raises(InvalidTransform, match=constraint):
        compile_transform("t1", paths_map=paths, template="{}")


def test_names_may_have_dashes_and_underscores() -> None:
    transform = compile_transform("t1", paths_map={"a-b_C1": "$.x"}, template='{"v": <a-b_C1>}')

    assert delivered(transform, '{"x": 1}') == '{"v":1}'


def test_a_lone_surrogate_is_delivered_as_its_escape() -> None:
    assert filled('{"a": <state>}', '{"detail": {"state": "\\ud800"}}') == '{"a":"\\ud800"}'


def test_text_beyond_ascii_is_delivered_unescaped() -> None:
    event = '{"detail": {"state": "\\u00e9t\\u00e9"}}'

    assert filled('"<state>"', event) == '"été"'
    assert filled('{"a": <state>}', event) == '{"a":"été"}'
