"""The filter policies that AWS was seen to refuse, in its words, and filtering over the wire."""

from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[..., tuple[str, str, int]]
MakeEndpoint = Callable[..., Any]

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"

SIX_KEYS = '{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}'
MANY_VALUES = f'{{"a":{list(range(8))},"b":{list(range(19))}}}'

# (policy, reason, column of the location or None where AWS gives none)
REFUSED: list[tuple[str, str, int | None]] = [
    ('{"key":{"not-an-operator":"value"}}', '"not-an-operator" must be an object or an array', 28),
    ('{"key":{"suffix":"value","prefix":"value"}}', '"suffix" must be an object or an array', 19),
    ('{"key":{"suffix":"value"}}', '"suffix" must be an object or an array', 19),
    ('{"key":[{"numeric":[">=",1,">",2]}]}', "Bad numeric range operator: >", 31),
    ('{"key":[{"numeric":[">",20,"test"]}]}', "Bad numeric range operator: test", 34),
    ('{"key":[{"numeric":[">",20,30]}]}', "Bad value in numeric range: 30", 30),
    ('{"key":[{"numeric":[">",3,"<",1]}]}', "Bottom must be less than top", 33),
    ('{"key":[]}', "Empty arrays are not allowed", 10),
    ('{"key":[{"numeric":[1,"<="]}]}', "Invalid member in numeric match: 1", 22),
    ('{"key":[{"numeric":[]}]}', "Invalid member in numeric match: ]", 22),
    ('{"key":[{"cidr":"10.0.0.0/bad"}]}', "Malformed CIDR, mask bits must be an integer", None),
    ('{"key":[{"cidr":"bad-filter"}]}', "Malformed CIDR, one '/' required", None),
    ('{"key":[["value"]]}', "Match value must be String, number, true, false, or null", 10),
    ('{"key":[{"cidr":"bad-filter/20"}]}', "Nonstandard IP address: bad-filter", None),
    ('{"key":[{"cidr":"xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx", None),
    ('{"key":[{"cidr":"xxxx:db8:1234:1a00::/64"}]}', "Nonstandard IP address: xxxx:db8:1234:1a00::", None),
    ('{"key":[{"suffix":"value","prefix":"value2"}]}', "Only one key allowed in match expression", 37),
    ('{"key":[{"numeric":["<",100,">",10]}]}', "Too many elements in numeric expression", 30),
    ('{"key":[{"numeric":[">",20,"<",30,"<",50]}]}', "Too many terms in numeric range expression", 36),
    ('{"key":[{"wrong-operator":true}]}', "Unrecognized match type wrong-operator", 31),
    ('{"key":[{"numeric":["operator"]}]}', "Unrecognized numeric range operator: operator", 32),
    ('{"key":[{"anything-but":{"exists":false}}]}', "Unsupported anything-but pattern: exists", 40),
    ('{"key":[{"anything-but":{"suffix":"test"}}]}', "Unsupported anything-but pattern: suffix", 36),
    (
        '{"key":[{"anything-but":{"wrong-operator":null}}]}',
        "Unsupported anything-but pattern: wrong-operator",
        47,
    ),
    ('{"key":[{"numeric":[">",20,"<","30"]}]}', "Value of < must be numeric", 33),
    ('{"key":[{"numeric":[">",20,"<="]}]}', "Value of <= must be numeric", 33),
    ('{"key":[{"numeric":[">","20","<","30"]}]}', "Value of > must be numeric", 26),
    ('{"key":[{"numeric":[">="]}]}', "Value of >= must be numeric", 26),
    ('{"key":[{"numeric":["=","000"]}]}', "Value of equals must be numeric", 26),
    ('{"key":[{"exists":"no"}]}', "exists match pattern must be either true or false.", 20),
    ('{"key":[{"exists":null}]}', "exists match pattern must be either true or false.", 23),
    ('{"key":[{"anything-but":{"prefix":false}}]}', "prefix match pattern must be a string", 40),
    ('{"key":[{"cidr":["bad-filter"]}]}', "prefix match pattern must be a string", 18),
    ('{"key":[{"suffix":100}]}', "suffix match pattern must be a string", 22),
    ('{"key":[{"suffix":["test","test2"]}]}', "suffix match pattern must be a string", 20),
    ('{"key":[{"suffix":[]}]}', "suffix match pattern must be a string", 20),
    ('{"key":[{"suffix":null}]}', "suffix match pattern must be a string", 23),
    ('{"key_a":"value_one"}', '"key_a" must be an object or an array', 11),
    (SIX_KEYS, "Filter policy can not have more than 5 keys", None),
    (MANY_VALUES, "Filter policy is too complex", None),
]  # fmt: skip


def expected_message(prefix: str, policy: str, reason: str, column: int | None) -> str:
    location = "" if column is None else f'\n at [Source: (String)"{policy}"; line: 1, column: {column}]'
    return f"Invalid parameter: {prefix}FilterPolicy: {reason}{location}"


@pytest.mark.parametrize(("policy", "reason", "column"), REFUSED)
def test_a_bad_filter_policy_refuses_the_subscription(
    sns_client: Any, topic_arn: str, refusal: Refusal, policy: str, reason: str, column: int | None
) -> None:
    code, message, status = refusal(
        sns_client.subscribe,
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=QUEUE,
        Attributes={"FilterPolicy": policy},
    )

    assert message == expected_message("Attributes Reason: ", policy, reason, column)
    assert (code, status) == ("InvalidParameter", 400)


@pytest.mark.parametrize(("policy", "reason", "column"), REFUSED[-3:])
def test_a_bad_filter_policy_cannot_be_set(
    sns_client: Any, topic_arn: str, refusal: Refusal, policy: str, reason: str, column: int | None
) -> None:
    arn = sns_client.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=QUEUE)["SubscriptionArn"]

    _, message, _ = refusal(
        sns_client.set_subscription_attributes,
        SubscriptionArn=arn,
        AttributeName="FilterPolicy",
        AttributeValue=policy,
    )

    assert message == expected_message("", policy, reason, column)


def test_a_filter_policy_that_is_no_json_is_refused(
    sns_client: Any, topic_arn: str, refusal: Refusal
) -> None:
    _, message, _ = refusal(
        sns_client.subscribe,
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=QUEUE,
        Attributes={"FilterPolicy": "invalid"},
    )

    assert message == (
        "Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON. "
        "Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token "
        "'null', 'true' or 'false')\n"
        " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 8]"
    )


def test_a_combination_of_152_is_refused_and_one_of_150_taken(
    sns_client: Any, topic_arn: str, refusal: Refusal
) -> None:
    def subscribe(values: int) -> dict[str, Any]:
        policy = f'{{"a": {list(range(values))}}}'
        return {
            "TopicArn": topic_arn,
            "Protocol": "sqs",
            "Endpoint": QUEUE,
            "Attributes": {"FilterPolicy": policy},
        }

    _, message, _ = refusal(sns_client.subscribe, **subscribe(151))
    sns_client.subscribe(**subscribe(150))

    assert message == "Invalid parameter: Attributes Reason: FilterPolicy: Filter policy is too complex"


def test_only_wanted_messages_arrive(sns_client: Any, topic_arn: str, make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint()
    sns_client.subscribe(
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=endpoint.arn,
        Attributes={"FilterPolicy": '{"price": [{"numeric": [">=", 10]}]}'},
    )

    for price in ("9.5", "10"):
        attributes = {"price": {"DataType": "Number", "StringValue": price}}
        sns_client.publish(TopicArn=topic_arn, Message=price, MessageAttributes=attributes)

    assert endpoint.messages() == ["10"]


def test_attributes_and_policy_may_be_set_together_for_the_body(
    sns_client: Any, topic_arn: str, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint()
    sns_client.subscribe(
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=endpoint.arn,
        Attributes={
            "FilterPolicy": '{"order": {"kind": ["book"]}}',
            "FilterPolicyScope": "MessageBody",
        },
    )

    for message in ('{"order": {"kind": "book"}}', '{"order": {"kind": "toy"}}', "text"):
        sns_client.publish(TopicArn=topic_arn, Message=message)

    assert endpoint.messages() == ['{"order": {"kind": "book"}}']
