"""XML as each service writes it."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pocketbus.apis.codec.codec import QueryCodec
from pocketbus.apis.codec.errors import SerializationException
from pocketbus.apis.codec.xml import escape
from pocketbus.apis.model import load
from pocketbus.emulator.errors import EngineError, PurgeQueueInProgress, QueueDoesNotExist


def written(service: str, operation: str, result: Any) -> str:
    model = load(service)
    return QueryCodec(model).encoder(model.operations[operation])(result, "id-1").body.decode()


def error_body(service: str, error: EngineError) -> tuple[int, str]:
    answer = QueryCodec(load(service)).error(error, "id-1")
    return answer.status, answer.body.decode()


SQS_HEAD = '<?xml version="1.0"?>'
SQS_XMLNS = 'xmlns="http://queue.amazonaws.com/doc/2012-11-05/"'
SNS_XMLNS = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"'
METADATA = "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"


@pytest.mark.parametrize(
    ("service", "operation", "result", "text"),
    [
        (
            "sqs",
            "DeleteMessage",
            None,
            f"{SQS_HEAD}<DeleteMessageResponse {SQS_XMLNS}>{METADATA}</DeleteMessageResponse>",
        ),
        (
            "sqs",
            "ReceiveMessage",
            None,
            (
                f"{SQS_HEAD}<ReceiveMessageResponse {SQS_XMLNS}><ReceiveMessageResult/>{METADATA}"
                "</ReceiveMessageResponse>"
            ),
        ),
        (
            "sqs",
            "ReceiveMessage",
            {
                "Messages": [
                    {
                        "Body": "a<b",
                        "Attributes": {"SentTimestamp": "1"},
                        "MessageAttributes": {"k": {"DataType": "Binary", "BinaryValue": b"hi"}},
                        "MD5OfMessageAttributes": None,
                    }
                ]
            },
            (
                f"{SQS_HEAD}<ReceiveMessageResponse {SQS_XMLNS}><ReceiveMessageResult><Message><Body>a&lt;b</Body>"
                "<Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute>"
                "<MessageAttribute><Name>k</Name><Value><DataType>Binary</DataType><BinaryValue>aGk=</BinaryValue>"
                f"</Value></MessageAttribute></Message></ReceiveMessageResult>{METADATA}</ReceiveMessageResponse>"
            ),
        ),
        (
            "sqs",
            "SendMessageBatch",
            {
                "Successful": [{"Id": "a", "MessageId": "m", "MD5OfMessageBody": "d"}],
                "Failed": [{"Id": "b", "SenderFault": True, "Code": "c"}],
            },
            (
                f"{SQS_HEAD}<SendMessageBatchResponse {SQS_XMLNS}><SendMessageBatchResult>"
                "<SendMessageBatchResultEntry><Id>a</Id><MessageId>m</MessageId><MD5OfMessageBody>d"
                "</MD5OfMessageBody></SendMessageBatchResultEntry><BatchResultErrorEntry><Id>b</Id>"
                "<SenderFault>true</SenderFault><Code>c</Code></BatchResultErrorEntry></SendMessageBatchResult>"
                f"{METADATA}</SendMessageBatchResponse>"
            ),
        ),
        (
            "sqs",
            "ListQueueTags",
            {"Tags": {"k": "v"}},
            (
                f"{SQS_HEAD}<ListQueueTagsResponse {SQS_XMLNS}><ListQueueTagsResult><Tag><Key>k</Key><Value>v</Value>"
                f"</Tag></ListQueueTagsResult>{METADATA}</ListQueueTagsResponse>"
            ),
        ),
        (
            "sqs",
            "ListDeadLetterSourceQueues",
            {"queueUrls": ["u"]},
            (
                f"{SQS_HEAD}<ListDeadLetterSourceQueuesResponse {SQS_XMLNS}><ListDeadLetterSourceQueuesResult>"
                f"<QueueUrl>u</QueueUrl></ListDeadLetterSourceQueuesResult>{METADATA}"
                "</ListDeadLetterSourceQueuesResponse>"
            ),
        ),
        (
            "sns",
            "ListTopics",
            {"Topics": []},
            (
                f"<ListTopicsResponse {SNS_XMLNS}><ListTopicsResult><Topics/></ListTopicsResult>{METADATA}"
                "</ListTopicsResponse>"
            ),
        ),
        (
            "sns",
            "GetTopicAttributes",
            {"Attributes": {"Owner": "1"}},
            (
                f"<GetTopicAttributesResponse {SNS_XMLNS}><GetTopicAttributesResult><Attributes><entry>"
                "<key>Owner</key><value>1</value></entry></Attributes></GetTopicAttributesResult>"
                f"{METADATA}</GetTopicAttributesResponse>"
            ),
        ),
        (
            "sns",
            "DeleteTopic",
            None,
            f"<DeleteTopicResponse {SNS_XMLNS}>{METADATA}</DeleteTopicResponse>",
        ),
        (
            "sts",
            "GetSessionToken",
            {
                "Credentials": {
                    "AccessKeyId": "a",
                    "SecretAccessKey": "s",
                    "SessionToken": "t",
                    "Expiration": 1700000000.25,
                }
            },
            (
                '<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult>'
                "<Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                "<SessionToken>t</SessionToken><Expiration>2023-11-14T22:13:20.250Z</Expiration></Credentials>"
                f"</GetSessionTokenResult>{METADATA}</GetSessionTokenResponse>"
            ),
        ),
    ],
)
def test_an_answer_is_written_as_its_service_writes_it(
    service: str, operation: str, result: Any, text: str
) -> None:
    assert written(service, operation, result) == text


def test_sqs_says_over_query_what_it_no_longer_says_over_json() -> None:
    assert error_body("sqs", QueueDoesNotExist()) == (
        400,
        (
            f"{SQS_HEAD}<ErrorResponse {SQS_XMLNS}><Error><Type>Sender</Type>"
            "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"
            "<Message>The specified queue does not exist for this wsdl version.</Message><Detail/></Error>"
            "<RequestId>id-1</RequestId></ErrorResponse>"
        ),
    )


def test_an_error_has_the_status_of_its_shape() -> None:
    assert error_body("sqs", PurgeQueueInProgress("once"))[0] == 403


def test_sns_writes_errors_without_a_detail() -> None:
    class NotFoundException(EngineError):
        """Topic does not exist"""

    assert error_body("sns", NotFoundException()) == (
        404,
        (
            f"<ErrorResponse {SNS_XMLNS}><Error><Type>Sender</Type><Code>NotFound</Code>"
            "<Message>Topic does not exist</Message></Error><RequestId>id-1</RequestId></ErrorResponse>"
        ),
    )


def test_one_class_name_has_another_code_in_each_service() -> None:
    class InvalidParameterValueException(EngineError):
        """The value is not valid."""

    error = InvalidParameterValueException()

    assert "<Code>InvalidParameterValue</Code>" in error_body("sqs", error)[1]
    assert "<Code>ParameterValueInvalid</Code>" in error_body("sns", error)[1]


def test_the_text_of_an_error_is_escaped() -> None:
    assert "<Message>a &lt; b</Message>" in error_body("sqs", SerializationException("a < b"))[1]


def test_a_carriage_return_survives_a_parser() -> None:
    assert ET.fromstring(f"<a>{escape(chr(13))}</a>").text == "\r"  # noqa: S314 - our own text


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_becomes_a_replacement_character(character: str) -> None:
    assert ET.fromstring(f"<a>{escape(character)}</a>").text == "\ufffd"  # noqa: S314 - our own text


def test_text_that_needs_no_escape_is_left_alone() -> None:
    assert escape("tab\tline\nGröße \U0001f600") == "tab\tline\nGröße \U0001f600"
