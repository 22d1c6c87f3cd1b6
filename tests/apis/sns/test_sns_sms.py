"""SMS attributes, opt-outs, the sandbox and publishing to phone numbers over the wire."""

from collections.abc import Callable
from typing import Any

import pytest

from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.engine import Engine

Refusal = Callable[..., tuple[str, str, int]]
Texts = Callable[[str], list[Captured]]


@pytest.fixture
def texts(sns_engine: Engine) -> Texts:
    """What was sent to a phone number; each test has numbers of its own."""
    return lambda number: [text for text in sns_engine.outbox if text.target == number]


def test_an_account_starts_with_a_spend_limit_of_one_dollar(sns_client: Any) -> None:
    assert sns_client.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1"}


def test_attributes_are_kept_and_picked_by_name(sns_client: Any) -> None:
    given = {"DefaultSMSType": "Transactional", "DefaultSenderID": "Shop1"}
    sns_client.set_sms_attributes(attributes=given)

    assert sns_client.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1", **given}
    assert sns_client.get_sms_attributes(attributes=["DefaultSenderID"])["attributes"] == {
        "DefaultSenderID": "Shop1"
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("InvalidAttribute", "x", "InvalidAttribute is not a valid attribute"),
        ("DefaultSendID", "1234567", "DefaultSendID is not a valid attribute"),
        ("DefaultSMSType", "Somewhat", "DefaultSMSType is invalid"),
        ("DefaultSenderID", "1234567", "DefaultSenderID is invalid"),
        ("DefaultSenderID", "TwelveLetter", "DefaultSenderID is invalid"),
        ("MonthlySpendLimit", "much", "MonthlySpendLimit is invalid"),
        ("DeliveryStatusSuccessSamplingRate", "101", "DeliveryStatusSuccessSamplingRate is invalid"),
        ("DeliveryStatusIAMRole", "role", "DeliveryStatusIAMRole is invalid"),
        ("UsageReportS3Bucket", "Bucket!", "UsageReportS3Bucket is invalid"),
    ],
)
def test_what_is_no_attribute_is_refused(
    sns_client: Any, refusal: Refusal, name: str, value: str, message: str
) -> None:
    assert refusal(sns_client.set_sms_attributes, attributes={name: value}) == (
        "InvalidParameter",
        message,
        400,
    )


def test_a_message_to_a_phone_number_is_captured(sns_client: Any, texts: Texts) -> None:
    sender = {"AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "Shop"}}
    sent = sns_client.publish(PhoneNumber="+15550100001", Message="Hello", MessageAttributes=sender)

    (text,) = texts("+15550100001")
    assert (text.service, text.payload) == ("sms", "Hello")
    assert (text.details["message_id"], text.details["sender_id"], text.details["sms_type"]) == (
        sent["MessageId"],
        "Shop",
        "Promotional",
    )


def test_the_accounts_defaults_stand_for_what_a_message_does_not_say(sns_client: Any, texts: Texts) -> None:
    sns_client.set_sms_attributes(attributes={"DefaultSMSType": "Transactional", "DefaultSenderID": "Bank"})

    sns_client.publish(PhoneNumber="+15550100002", Message="Hello")

    (text,) = texts("+15550100002")
    assert (text.details["sender_id"], text.details["sms_type"]) == ("Bank", "Transactional")


def test_a_structured_message_has_a_text_for_phones(sns_client: Any, texts: Texts) -> None:
    message = '{"default": "long", "sms": "short"}'

    sns_client.publish(PhoneNumber="+15550100003", Message=message, MessageStructure="json")

    assert [text.payload for text in texts("+15550100003")] == ["short"]


@pytest.mark.parametrize("number", ["+1a234", "NAA+15551234567", "+1555-1234567", ""])
def test_what_is_no_phone_number_is_refused(sns_client: Any, refusal: Refusal, number: str) -> None:
    assert refusal(sns_client.publish, PhoneNumber=number, Message="Hello") == (
        "InvalidParameter",
        f"Invalid parameter: PhoneNumber Reason: {number} is not valid to publish to",
        400,
    )


def test_a_text_has_at_most_1600_characters(sns_client: Any, texts: Texts, refusal: Refusal) -> None:
    sns_client.publish(PhoneNumber="+15550100004", Message="x" * 1600)

    assert refusal(sns_client.publish, PhoneNumber="+15550100004", Message="x" * 1601) == (
        "InvalidParameter",
        "Invalid parameter: Message too long",
        400,
    )
    assert len(texts("+15550100004")) == 1


def test_a_number_that_opted_out_receives_nothing(
    sns_client: Any, sns_engine: Engine, account: Any, texts: Texts
) -> None:
    sns_engine.scope(account.id, "us-east-1").sns.sms.opt_out("+15550100005")

    sent = sns_client.publish(PhoneNumber="+15550100005", Message="Hello")

    assert texts("+15550100005") == []
    (record,) = sns_engine.trace.of(sent["MessageId"])
    assert (record.verb, record.why) == ("undeliverable", "Phone number is opted out")


def test_numbers_that_opted_out_are_known_and_can_be_opted_in(
    sns_client: Any, sns_engine: Engine, account: Any
) -> None:
    sms = sns_engine.scope(account.id, "us-east-1").sns.sms
    sms.opt_out("+15550100007")
    sms.opt_out("+15550100006")

    assert sns_client.list_phone_numbers_opted_out()["phoneNumbers"] == ["+15550100006", "+15550100007"]
    assert sns_client.check_if_phone_number_is_opted_out(phoneNumber="+15550100006")["isOptedOut"] is True

    sns_client.opt_in_phone_number(phoneNumber="+15550100006")

    assert sns_client.check_if_phone_number_is_opted_out(phoneNumber="+15550100006")["isOptedOut"] is False
    assert sns_client.list_phone_numbers_opted_out()["phoneNumbers"] == ["+15550100007"]


def test_opted_out_numbers_come_in_pages_of_100(sns_client: Any, sns_engine: Engine, account: Any) -> None:
    sms = sns_engine.scope(account.id, "us-east-1").sns.sms
    numbers = [f"+1555020{index:04}" for index in range(150)]
    for number in numbers:
        sms.opt_out(number)

    first = sns_client.list_phone_numbers_opted_out()
    second = sns_client.list_phone_numbers_opted_out(nextToken=first["nextToken"])

    assert first["phoneNumbers"] + second["phoneNumbers"] == numbers
    assert len(first["phoneNumbers"]) == 100
    assert "nextToken" not in second


@pytest.mark.parametrize("operation", ["check_if_phone_number_is_opted_out", "opt_in_phone_number"])
def test_opting_takes_phone_numbers_only(sns_client: Any, refusal: Refusal, operation: str) -> None:
    assert refusal(getattr(sns_client, operation), phoneNumber="no number") == (
        "InvalidParameter",
        "Invalid parameter: PhoneNumber Reason: input incorrectly formatted",
        400,
    )


def test_a_number_is_verified_in_the_sandbox_by_the_password_it_received(
    sns_client: Any, texts: Texts
) -> None:
    sns_client.create_sms_sandbox_phone_number(PhoneNumber="+15550100008")
    pending = sns_client.list_sms_sandbox_phone_numbers()["PhoneNumbers"]
    password = texts("+15550100008")[0].details["one_time_password"]

    sns_client.verify_sms_sandbox_phone_number(PhoneNumber="+15550100008", OneTimePassword=password)

    assert pending == [{"PhoneNumber": "+15550100008", "Status": "Pending"}]
    assert sns_client.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [
        {"PhoneNumber": "+15550100008", "Status": "Verified"}
    ]
    assert password in texts("+15550100008")[0].payload


def test_sandbox_numbers_come_in_pages(sns_client: Any) -> None:
    for number in ("+15550100009", "+15550100010", "+15550100011"):
        sns_client.create_sms_sandbox_phone_number(PhoneNumber=number)

    first = sns_client.list_sms_sandbox_phone_numbers(MaxResults=2)
    second = sns_client.list_sms_sandbox_phone_numbers(MaxResults=2, NextToken=first["NextToken"])

    assert [[number["PhoneNumber"] for number in page["PhoneNumbers"]] for page in (first, second)] == [
        ["+15550100009", "+15550100010"],
        ["+15550100011"],
    ]


def test_a_number_is_deleted_from_the_sandbox(sns_client: Any) -> None:
    sns_client.create_sms_sandbox_phone_number(PhoneNumber="+15550100012")

    sns_client.delete_sms_sandbox_phone_number(PhoneNumber="+15550100012")

    assert sns_client.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == []


def test_a_wrong_password_is_refused(sns_client: Any, refusal: Refusal) -> None:
    sns_client.create_sms_sandbox_phone_number(PhoneNumber="+15550100013")

    code, _, status = refusal(
        sns_client.verify_sms_sandbox_phone_number, PhoneNumber="+15550100013", OneTimePassword="00000"
    )

    assert (code, status) == ("VerificationException", 400)


def test_a_number_that_is_not_in_the_sandbox_is_refused(sns_client: Any, refusal: Refusal) -> None:
    unknown = {"PhoneNumber": "+15550100014"}
    answer = ("ResourceNotFound", "Phone number is not in the SMS sandbox", 404)

    assert refusal(sns_client.delete_sms_sandbox_phone_number, **unknown) == answer
    assert refusal(sns_client.verify_sms_sandbox_phone_number, **unknown, OneTimePassword="12345") == answer


def test_an_eleventh_sandbox_number_is_refused(sns_client: Any, refusal: Refusal) -> None:
    for index in range(10):
        sns_client.create_sms_sandbox_phone_number(PhoneNumber=f"+1555030000{index}")

    code, _, status = refusal(sns_client.create_sms_sandbox_phone_number, PhoneNumber="+15550300010")

    assert (code, status) == ("UserError", 400)


def test_a_number_that_opted_out_cannot_be_verified(
    sns_client: Any, sns_engine: Engine, account: Any, refusal: Refusal
) -> None:
    sns_engine.scope(account.id, "us-east-1").sns.sms.opt_out("+15550100015")

    code, _, status = refusal(sns_client.create_sms_sandbox_phone_number, PhoneNumber="+15550100015")

    assert (code, status) == ("OptedOut", 400)


def test_the_model_checks_sandbox_numbers(sns_client: Any, refusal: Refusal) -> None:
    code, message, status = refusal(sns_client.create_sms_sandbox_phone_number, PhoneNumber="call me")

    assert (code, status) == ("ValidationError", 400)
    assert "'phoneNumber' failed to satisfy constraint: Member must satisfy regular expression" in message


def test_accounts_are_not_in_the_sandbox_unless_configured(sns_client: Any) -> None:
    assert sns_client.get_sms_sandbox_account_status()["IsInSandbox"] is False


def test_there_are_no_origination_numbers(sns_client: Any) -> None:
    assert sns_client.list_origination_numbers()["PhoneNumbers"] == []


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("list_origination_numbers", "NextToken"),
        ("list_phone_numbers_opted_out", "nextToken"),
        ("list_sms_sandbox_phone_numbers", "NextToken"),
    ],
)
def test_a_token_of_nobodys_is_refused(
    sns_client: Any, refusal: Refusal, operation: str, member: str
) -> None:
    assert refusal(getattr(sns_client, operation), **{member: "?"}) == (
        "InvalidParameter",
        "Invalid parameter: NextToken",
        400,
    )
