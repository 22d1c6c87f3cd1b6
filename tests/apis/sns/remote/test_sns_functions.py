"""Lambda functions subscribed to a topic: invoked over HTTP, as Python callables, or captured."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest

from pocketbus import Emulator
from pocketbus.emulator.functions.workers import Context

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:orders"
Publish = Callable[[Emulator], str]


def publish(emulator: Emulator, function: str = FUNCTION, **attributes: str) -> str:
    """Publish to a topic that the function is subscribed to, and wait for the attempt."""
    sns = emulator.client("sns")
    topic_arn = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="lambda", Endpoint=function, Attributes=attributes)
    message_id: str = sns.publish(
        TopicArn=topic_arn,
        Message="hello",
        MessageAttributes={"price": {"DataType": "Number", "StringValue": "1.5"}},
    )["MessageId"]
    emulator.advance(0)
    return message_id


def outcomes(emulator: Emulator, message_id: str) -> list[str]:
    records = emulator.call(lambda engine: engine.trace.of(message_id))
    return [f"{record.verb}: {record.why}" for record in records if record.resource == FUNCTION]


class Lambda(HTTPServer):
    """Notes which function was invoked with what, and answers as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.invoked: list[tuple[str, Any]] = []
        self.status = 200
        self.function_error = ""
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.invoked.append((self.path, json.loads(body)))
        self.send_response(server.status)
        if server.function_error:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.end_headers()
        self.wfile.write(server.function_error.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it overrides
        pass


@pytest.fixture
def lambda_api() -> Iterator[Lambda]:
    with Lambda() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_function_is_invoked_with_the_event_of_aws(lambda_api: Lambda) -> None:
    with Emulator(seed=1, lambda_urls={"": lambda_api.url}) as emulator:
        message_id = publish(emulator)

        assert outcomes(emulator, message_id) == ["delivered: attempt 1: the function returned"]
    ((path, event),) = lambda_api.invoked
    assert path == "/2015-03-31/functions/orders/invocations"
    (record,) = event["Records"]
    assert list(record) == ["EventSource", "EventVersion", "EventSubscriptionArn", "Sns"]
    assert set(record["Sns"]) == {
        "Type",
        "MessageId",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertUrl",
        "UnsubscribeUrl",
        "MessageAttributes",
    }
    assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("hello", None)
    assert record["Sns"]["MessageAttributes"] == {"price": {"Type": "Number", "Value": "1.5"}}


def test_a_functions_own_url_goes_first_and_a_path_is_taken_as_it_is(lambda_api: Lambda) -> None:
    own = f"{lambda_api.url}/2015-03-31/functions/function/invocations"
    with Emulator(seed=1, lambda_urls={"": "http://127.0.0.1:1", "orders": own}) as emulator:
        publish(emulator, FUNCTION + ":live")

    assert [path for path, _ in lambda_api.invoked] == ["/2015-03-31/functions/function/invocations"]


def test_a_function_that_fails_was_invoked_all_the_same(lambda_api: Lambda) -> None:
    lambda_api.function_error = '{"errorType": "KeyError"}'
    with Emulator(seed=1, lambda_urls={"": lambda_api.url}) as emulator:
        message_id = publish(emulator)

        assert outcomes(emulator, message_id) == [
            'delivered: attempt 1: the function failed: {"errorType": "KeyError"}; tried again after 60 seconds'
        ]


def test_a_function_that_does_not_exist_goes_to_the_dead_letter_queue_in_the_envelope(
    lambda_api: Lambda,
) -> None:
    lambda_api.status = 404
    with Emulator(seed=1, lambda_urls={"": lambda_api.url}) as emulator:
        sqs = emulator.client("sqs")
        url = sqs.create_queue(QueueName="dead")["QueueUrl"]
        policy = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"})
        publish(emulator, RedrivePolicy=policy)

        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        assert json.loads(message["Body"])["Message"] == "hello"


def test_a_lambda_that_is_down_is_tried_at_once_and_then_more_and_more_slowly(lambda_api: Lambda) -> None:
    lambda_api.status = 503
    with Emulator(seed=1, lambda_urls={"": lambda_api.url}) as emulator:
        emulator.freeze()
        emulator.set(1_700_000_000)
        message_id = publish(emulator)
        emulator.advance(120)

        records = emulator.call(lambda engine: engine.trace.of(message_id))
        tried = [record.at - 1_700_000_000 for record in records if record.verb == "attempted"]
    assert tried[:7] == [0, 0, 0, 0, 1, 2, 3]
    assert all(later - earlier <= 20 for earlier, later in pairwise(tried))


def test_a_python_callable_is_a_function_and_may_use_the_emulator(emulator: Emulator) -> None:
    seen: list[tuple[str, Context]] = []

    def handler(event: Any, context: Context) -> None:
        emulator.client("sqs").create_queue(QueueName="made-by-the-function")
        seen.append((event["Records"][0]["Sns"]["Message"], context))

    emulator.on_lambda("orders", handler)
    message_id = publish(emulator)

    ((message, context),) = seen
    assert (message, context.function_name, context.invoked_function_arn) == ("hello", "orders", FUNCTION)
    assert len(emulator.client("sqs").list_queues()["QueueUrls"]) == 1
    assert outcomes(emulator, message_id) == ["delivered: attempt 1: the function returned"]


def test_what_a_callable_raises_is_in_the_trace(emulator: Emulator) -> None:
    def handler(_event: Any, _context: Context) -> None:
        raise ValueError("no such order")

    emulator.on_lambda("orders", handler)

    assert outcomes(emulator, publish(emulator)) == [
        "delivered: attempt 1: the function failed: ValueError: no such order; tried again after 60 seconds"
    ]


def test_without_a_lambda_the_event_is_in_the_outbox_and_the_trace_says_so(emulator: Emulator) -> None:
    message_id = publish(emulator)

    (captured,) = emulator.outbox()
    assert (captured.service, captured.target) == ("lambda", FUNCTION)
    assert json.loads(captured.payload)["Records"][0]["Sns"]["MessageId"] == message_id
    (outcome,) = outcomes(emulator, message_id)
    assert outcome.startswith(
        "captured: Nothing runs the function orders here. Attach a worker (pocketbus lambda"
    )


def test_raw_delivery_is_not_for_functions(sns: Any, topic_arn: str) -> None:
    with pytest.raises(sns.exceptions.InvalidParameterException, match=r"\[lambda\] does not support raw"):
        sns.subscribe(
            TopicArn=topic_arn,
            Protocol="lambda",
            Endpoint=FUNCTION,
            Attributes={"RawMessageDelivery": "true"},
        )
