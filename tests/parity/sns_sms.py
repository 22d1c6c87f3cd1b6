"""Text messages: settings, opt-outs and phone numbers."""

from tests.parity.aws import Aws

NUMBER = "+15550100001"


def an_account_has_sms_attributes(aws: Aws) -> None:
    aws("set", "sns.set_sms_attributes", attributes={"DefaultSMSType": "Transactional"})
    aws("get one", "sns.get_sms_attributes", attributes=["DefaultSMSType"])
    aws("set what there is not", "sns.set_sms_attributes", attributes={"Colour": "red"})


def a_phone_number_is_opted_in(aws: Aws) -> None:
    check, opt_in = "sns.check_if_phone_number_is_opted_out", "sns.opt_in_phone_number"
    aws("check", check, phoneNumber=NUMBER)
    aws("opt in", opt_in, phoneNumber=NUMBER)
    aws("check what is no number", check, phoneNumber="phone")
    aws("opt in what is no number", opt_in, phoneNumber="phone")
    aws("list", "sns.list_phone_numbers_opted_out")


def a_text_goes_to_a_phone_number(aws: Aws) -> None:
    aws("publish", "sns.publish", PhoneNumber=NUMBER, Message="hello")
    aws("publish to what is no number", "sns.publish", PhoneNumber="NAA+15551234567", Message="hello")
