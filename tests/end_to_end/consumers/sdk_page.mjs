// What a web page does with the AWS SDK for JavaScript; the test calls `use` and `fail` by WebDriver.
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const settings = (endpoint, account) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: account, secretAccessKey: "test" },
  maxAttempts: 1,
});

const told = (promise) =>
  promise.then(
    (output) => ({ status: output.$metadata.httpStatusCode, requestId: output.$metadata.requestId }),
    (error) => ({ error: error.name, requestId: error.$metadata?.requestId }),
  );

// Sends a message, publishes one and puts an event; tells how each went.
window.use = async (endpoint, account, queueUrl, topicArn) => {
  const [sqs, sns, events] = [SQSClient, SNSClient, EventBridgeClient].map(
    (Client) => new Client(settings(endpoint, account)),
  );
  const entry = { Source: "page", DetailType: "put", Detail: JSON.stringify({ from: "a page" }) };
  return Promise.all([
    told(sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "sent" }))),
    told(sns.send(new PublishCommand({ TopicArn: topicArn, Message: "published" }))),
    told(events.send(new PutEventsCommand({ Entries: [entry] }))),
  ]);
};

// Asks for what is not there: its error is for the page to read.
window.fail = (endpoint, account) =>
  told(new SQSClient(settings(endpoint, account)).send(new GetQueueUrlCommand({ QueueName: "none" })));
