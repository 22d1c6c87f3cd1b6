"""JSON bodies, as clients write them."""

from typing import Any

import pytest

from pocketbus.apis.codec.codec import codecs_of
from pocketbus.apis.codec.errors import SerializationException
from pocketbus.apis.model import load


def decoded(service: str, operation: str, body: bytes) -> dict[str, Any]:
    model = load(service)
    codec = codecs_of(model).json
    assert codec is not None
    return codec.decoder(model.operations[operation])(body)


def refusal(service: str, operation: str, body: bytes) -> str:
    with pytest.raises(SerializationException) as raised:
        decoded(service, operation, body)
    return raised.value.message


def test_null_members_and_unknown_members_are_absent() -> None:
    body = b'{"QueueUrl":"u","DelaySeconds":null,"Colour":"red"}'

    assert decoded("sqs", "SendMessage", body) == {"QueueUrl": "u"}


def test_an_empty_body_is_an_empty_input() -> None:
    assert decoded("sqs", "ListQueues", b"") == {}


def test_a_blob_is_base64() -> None:
    body = b'{"MessageAttributes":{"k":{"BinaryValue":"aGk="}}}'

    assert decoded("sqs", "SendMessage", body) == {"MessageAttributes": {"k": {"BinaryValue": b"hi"}}}


def test_a_timestamp_is_epoch_seconds() -> None:
    assert decoded("events", "PutEvents", b'{"Entries":[{"Time":1700000000.25}]}') == {
        "Entries": [{"Time": 1700000000.25}]
    }


def test_the_fraction_of_an_integer_is_cut_off() -> None:
    assert decoded("sqs", "SendMessage", b'{"DelaySeconds":5.9}') == {"DelaySeconds": 5}


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert decoded("sqs", "SendMessage", rb'{"MessageBody":"\ud83d\ude00"}') == {"MessageBody": "\U0001f600"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"MessageBody":5}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"MessageBody":true}', "TRUE_VALUE can not be converted to a String"),
        (b'{"MessageBody":false}', "FALSE_VALUE can not be converted to a String"),
        (b'{"MessageBody":["x"]}', "Start of list found where not expected"),
        (b'{"MessageBody":{"x":1}}', "Start of structure or map found where not expected."),
        (b'{"DelaySeconds":"5"}', "STRING_VALUE can not be converted to an Integer"),
        (b'{"DelaySeconds":3000000000}', "NUMBER_VALUE can not be converted to an Integer"),
        (b'{"DelaySeconds":1e999}', "NUMBER_VALUE can not be converted to an Integer"),
        (b'{"DelaySeconds":true}', "TRUE_VALUE can not be converted to an Integer"),
        (b'{"MessageAttributes":"x"}', "Unexpected field type"),
        (b'{"MessageAttributes":[]}', "Start of list found where not expected"),
        (b'{"MessageAttributes":{"k":{"BinaryValue":"*"}}}', "STRING_VALUE can not be converted to a Blob"),
        (b"[]", "Start of list found where not expected"),
        (b'"x"', "Unexpected field type"),
        (b"null", "Unexpected field type"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_in_the_words_of_aws(body: bytes, message: str) -> None:
    assert refusal("sqs", "SendMessage", body) == message


def test_a_timestamp_in_text_is_refused() -> None:
    message = refusal("events", "PutEvents", b'{"Entries":[{"Time":"2026-01-01T00:00:00Z"}]}')

    assert message == "STRING_VALUE can not be converted to milliseconds since epoch"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"MessageBody":', "Expecting value: line 1 column 16 (char 15)."),
        (b"\xff\xfe", "it is not valid UTF-8."),
        (b'{"MessageBody":"\xed\xa0\x80"}', "it is not valid UTF-8."),
        (rb'{"MessageBody":"\ud800"}', "it is not valid UTF-8."),
        (rb'{"\uDFFF":1}', "it is not valid UTF-8."),
        (b'{"DelaySeconds":NaN}', "a number in it cannot be read."),
        (b'{"DelaySeconds":' + b"9" * 5000 + b"}", "a number in it cannot be read."),
        (b"[" * 200_000, "it is nested too deeply."),
        (b'{"a":' * 200_000, "it is nested too deeply."),
    ],
)
def test_a_body_that_is_not_json_is_refused(body: bytes, reason: str) -> None:
    assert refusal("sqs", "SendMessage", body) == f"The request body is not valid JSON: {reason}"
