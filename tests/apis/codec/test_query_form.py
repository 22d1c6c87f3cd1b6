"""Forms of the query protocol, as clients write them."""

import tracemalloc
from itertools import permutations

import pytest

from pocketbus.apis.codec import query
from pocketbus.apis.codec.errors import InvalidQueryParameter, MalformedInput
from pocketbus.apis.service import Service


def decoded(service: str, operation: str, form: str) -> dict[str, object]:
    return query.decoder(service, Service(service).model.operations[operation])(query.parse(form.encode()))


def refusal(service: str, operation: str, form: str) -> str:
    with pytest.raises(MalformedInput) as raised:
        decoded(service, operation, form)
    return raised.value.message


@pytest.mark.parametrize(
    ("operation", "form", "params"),
    [
        (
            "SendMessage",
            (
                "MessageBody=a+b%26c&DelaySeconds=5"
                "&MessageAttribute.1.Name=k&MessageAttribute.1.Value.DataType=String"
                "&MessageAttribute.1.Value.StringValue=v"
                "&MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.DataType=String"
                "&MessageSystemAttribute.1.Value.StringValue=Root"
            ),
            {
                "MessageBody": "a b&c",
                "DelaySeconds": 5,
                "MessageAttributes": {"k": {"DataType": "String", "StringValue": "v"}},
                "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root"}},
            },
        ),
        (
            "CreateQueue",
            "QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=3&Tag.1.Key=k&Tag.1.Value=v",
            {"QueueName": "q", "Attributes": {"DelaySeconds": "3"}, "tags": {"k": "v"}},
        ),
        (
            "ReceiveMessage",
            "AttributeName.1=All&MessageAttributeName.1=a&MessageAttributeName.2=b&MessageSystemAttributeName.1=c",
            {
                "AttributeNames": ["All"],
                "MessageAttributeNames": ["a", "b"],
                "MessageSystemAttributeNames": ["c"],
            },
        ),
        (
            "SendMessageBatch",
            (
                "SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=y"
                "&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x"
            ),
            {"Entries": [{"Id": "a", "MessageBody": "x"}, {"Id": "b", "MessageBody": "y"}]},
        ),
        (
            "AddPermission",
            "Label=l&AWSAccountId.1=111111111111&ActionName.1=SendMessage",
            {"Label": "l", "AWSAccountIds": ["111111111111"], "Actions": ["SendMessage"]},
        ),
        ("UntagQueue", "TagKey.1=a&TagKey.2=b", {"TagKeys": ["a", "b"]}),
    ],
)
def test_sqs_reads_the_flattened_names(operation: str, form: str, params: dict[str, object]) -> None:
    assert decoded("sqs", operation, form) == params


def test_sns_reads_wrapped_lists_and_maps() -> None:
    form = (
        "TopicArn=t&PublishBatchRequestEntries.member.1.Id=a&PublishBatchRequestEntries.member.1.Message=m"
        "&PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name=k"
        "&PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType=Binary"
        "&PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.BinaryValue=aGk%3D"
    )

    assert decoded("sns", "PublishBatch", form) == {
        "TopicArn": "t",
        "PublishBatchRequestEntries": [
            {
                "Id": "a",
                "Message": "m",
                "MessageAttributes": {"k": {"DataType": "Binary", "BinaryValue": b"hi"}},
            }
        ],
    }


def test_sns_reads_maps_of_attributes_by_key_and_value() -> None:
    form = "Name=t&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=x"

    assert decoded("sns", "CreateTopic", form) == {"Name": "t", "Attributes": {"DisplayName": "x"}}


def test_a_required_list_of_sqs_that_is_absent_counts_as_empty() -> None:
    assert decoded("sqs", "DeleteMessageBatch", "QueueUrl=u") == {"QueueUrl": "u", "Entries": []}


@pytest.mark.parametrize("form", ["Entries=", "SendMessageBatchRequestEntry="])
def test_an_empty_list_is_written_as_an_empty_value(form: str) -> None:
    assert decoded("sqs", "SendMessageBatch", form) == {"Entries": []}


def test_gaps_between_indices_do_not_count() -> None:
    assert decoded("sqs", "UntagQueue", "TagKey.99999999=b&TagKey.7=a") == {"TagKeys": ["a", "b"]}


def test_indices_are_numbers_and_not_text() -> None:
    assert decoded("sqs", "UntagQueue", "TagKey.10=b&TagKey.9=a") == {"TagKeys": ["a", "b"]}


def test_a_name_of_many_parts_takes_no_more_memory_than_its_text() -> None:
    form = "QueueUrl" + ".a" * 100_000
    tracemalloc.start()
    try:
        refusal("sqs", "DeleteQueue", form)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("operation", "form", "params"),
    [
        ("GetQueueAttributes", "AttributeName=All", {"AttributeNames": ["All"]}),
        ("ReceiveMessage", "MessageAttributeName=All", {"MessageAttributeNames": ["All"]}),
        ("UntagQueue", "TagKey=a", {"TagKeys": ["a"]}),
        ("TagQueue", "Tag.Key=a&Tag.Value=", {"Tags": {"a": ""}}),
        (
            "AddPermission",
            "AWSAccountId=111111111111&ActionName=SendMessage",
            {"AWSAccountIds": ["111111111111"], "Actions": ["SendMessage"]},
        ),
        (
            "SetQueueAttributes",
            "Attribute.Name=DelaySeconds&Attribute.Value=7",
            {"Attributes": {"DelaySeconds": "7"}},
        ),
        (
            "SendMessage",
            "MessageAttribute.Name=k&MessageAttribute.Value.DataType=String&MessageAttribute.Value.StringValue=v",
            {"MessageAttributes": {"k": {"DataType": "String", "StringValue": "v"}}},
        ),
        (
            "DeleteMessageBatch",
            "DeleteMessageBatchRequestEntry.Id=a&DeleteMessageBatchRequestEntry.ReceiptHandle=r",
            {"Entries": [{"Id": "a", "ReceiptHandle": "r"}]},
        ),
    ],
)
def test_a_flattened_list_of_one_needs_no_index(operation: str, form: str, params: dict[str, object]) -> None:
    assert decoded("sqs", operation, form) == params


@pytest.mark.parametrize(
    ("service", "operation", "form", "message"),
    [
        ("sqs", "SetQueueAttributes", "Attribute.Foo=7", "Unexpected member Foo."),
        ("sqs", "SetQueueAttributes", "Attribute.1.Name=a&Attribute.1.Worth=7", "Unexpected member Worth."),
        ("sqs", "SetQueueAttributes", "Attribute.Name=Policy", "An entry lacks its Value."),
        ("sqs", "SetQueueAttributes", "Attribute.1.Value=7", "An entry lacks its Name."),
        (
            "sqs",
            "SetQueueAttributes",
            "Attribute.1.Name=a&Attribute.1.Value=7&Attribute.Name=b",
            "Unexpected member Name.",
        ),
        (
            "sqs",
            "SetQueueAttributes",
            "Attribute.1.Name=a&Attribute.1.Value=7&Attribute.2.Name=a&Attribute.2.Value=8",
            "The parameter a occurs more than once.",
        ),
        ("sqs", "UntagQueue", f"TagKey.1=a&TagKey.{'9' * 5000}=a", f"Unexpected member {'9' * 256}."),
        (
            "sqs",
            "UntagQueue",
            "TagKey.member.1=a",
            "Start of structure or map found where not expected.",
        ),
        (
            "sqs",
            "UntagQueue",
            "TagKey.1=a&TagKeys.1=b",
            "The parameter TagKeys occurs more than once.",
        ),
        (
            "sqs",
            "DeleteMessageBatch",
            "DeleteMessageBatchRequestEntry.1.Handle=r",
            "Unexpected member Handle.",
        ),
        ("sns", "UntagResource", "TagKeys.1=a", "Unexpected member 1."),
        ("sns", "UntagResource", "TagKeys.member.a=a", "Unexpected member a."),
        ("sns", "CreateTopic", "Attributes.entry.1.key=DisplayName", "An entry lacks its value."),
        ("sns", "CreateTopic", "Attributes.1.key=a&Attributes.1.value=b", "Unexpected member 1."),
    ],
)
def test_a_member_that_is_not_understood_is_refused(
    service: str, operation: str, form: str, message: str
) -> None:
    assert refusal(service, operation, form) == message


@pytest.mark.parametrize("service", ["sqs", "sns"])
@pytest.mark.parametrize("name", ["Colour", "Shade.1.Name", "x-amz-foo"])
def test_a_parameter_that_the_operation_does_not_know_is_refused(service: str, name: str) -> None:
    with pytest.raises(InvalidQueryParameter) as raised:
        decoded(service, "AddPermission", f"Label=l&{name}=red")

    assert raised.value.message == f"AddPermission has no parameter {name}."


def test_what_belongs_to_the_signature_is_no_parameter() -> None:
    common = (
        "Action=DeleteQueue&Version=2012-11-05&AWSAccessKeyId=k&SignatureMethod=HmacSHA256&SignatureVersion=2"
        "&Signature=s&Timestamp=t&Expires=e&SecurityToken=s&ContentType=JSON&AUTHPARAMS"
        "&X-Amz-Algorithm=a&X-Amz-Credential=c&X-Amz-Date=d&X-Amz-SignedHeaders=h&X-Amz-Signature=s"
        "&X-Amz-Security-Token=t&X-Amz-Expires=60"
    )

    assert decoded("sqs", "DeleteQueue", f"QueueUrl=u&{common}") == {"QueueUrl": "u"}


def test_a_blank_value_is_an_empty_string() -> None:
    assert decoded("sqs", "SendMessage", "MessageBody=") == {"MessageBody": ""}


def test_a_parameter_given_twice_with_one_value_is_taken() -> None:
    assert query.parse(b"A=1&A=1") == {"A": "1"}


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("DelaySeconds=soon", "soon can not be converted to an Integer"),
        ("DelaySeconds=3000000000", "3000000000 can not be converted to an Integer"),
        (f"DelaySeconds={'9' * 5000}", f"{'9' * 5000} can not be converted to an Integer"),
        ("MessageBody.1=x", "Start of structure or map found where not expected."),
        ("MessageAttribute=x", "Unexpected field type"),
        ("MessageBody=x&MessageBody.1=y", "Start of structure or map found where not expected."),
        ("MessageBody.1=y&MessageBody=x", "Start of structure or map found where not expected."),
        ("MessageBody=x&MessageBody=y", "The parameter MessageBody occurs more than once."),
        ("MessageBody=%ff", "The request's parameters cannot be read: they are not valid UTF-8."),
        ("MessageBody=%ed%a0%80", "The request's parameters cannot be read: they are not valid UTF-8."),
        (
            "MessageAttribute.1.Name=k&MessageAttribute.1.Value.BinaryValue=*",
            "* can not be converted to a Blob",
        ),
    ],
)
def test_a_form_that_does_not_fit_is_refused(form: str, message: str) -> None:
    assert refusal("sqs", "SendMessage", form) == message


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(MalformedInput, match="they are not valid UTF-8"):
        query.parse(b"MessageBody=\xff")


def test_more_parameters_than_any_request_needs_are_refused() -> None:
    with pytest.raises(MalformedInput, match="there are too many of them"):
        query.parse(b"&".join(b"a.%d=" % number for number in range(20_001)))


def test_a_flag_that_is_neither_true_nor_false_is_refused() -> None:
    form = "TopicArn=t&ReturnSubscriptionArn=maybe"

    assert refusal("sns", "Subscribe", form) == "maybe can not be converted to a Boolean"


def test_forms_with_the_same_names_are_read_alike_again_and_again() -> None:
    decode = query.decoder("sns", Service("sns").model.operations["Publish"])
    form = "Action=Publish&TopicArn=t&Message={}&Version=2010-03-31&Subject=s"

    for message in ("one", "two", ""):
        assert decode(query.parse(form.format(message).encode())) == {
            "TopicArn": "t",
            "Message": message,
            "Subject": "s",
        }
    with pytest.raises(InvalidQueryParameter):
        decode(query.parse(f"{form.format('three')}&Sbject=s".encode()))
    attribute = "MessageAttributes.entry.1"
    structured = f"{form.format('four')}&{attribute}.Name=k&{attribute}.Value.DataType=String"
    for _ in range(2):
        assert decode(query.parse(structured.encode()))["MessageAttributes"] == {"k": {"DataType": "String"}}


def test_what_is_remembered_of_the_orders_of_names_is_bounded() -> None:
    decode = query.decoder("sns", Service("sns").model.operations["Publish"])
    names = ("TopicArn", "TargetArn", "PhoneNumber", "Message", "Subject", "MessageGroupId")
    forms = [dict.fromkeys(order, "x") for order in permutations(names)]
    decode(forms[0])

    tracemalloc.start()
    try:
        for _ in range(2):
            assert all(decode(form) == form for form in forms)
        assert tracemalloc.get_traced_memory()[0] < 100 * 1024  # 720 orders would take 400
    finally:
        tracemalloc.stop()
