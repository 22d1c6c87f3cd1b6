// Consumes the queue named by its argument with sqs-consumer and says what it does; ends on SIGTERM.
// A body that begins with "fail once" fails the first time; its message is then made visible at once.

const { SQSClient } = require("@aws-sdk/client-sqs");
const { Consumer } = require("sqs-consumer");

const failed = new Set();

async function handleMessage(message) {
  if (message.Body.startsWith("fail once") && !failed.has(message.MessageId)) {
    failed.add(message.MessageId);
    throw new Error(message.Body);
  }
  console.log(`handled ${message.Body}`);
  return message;
}

const consumer = Consumer.create({
  queueUrl: process.argv[2],
  sqs: new SQSClient(),
  batchSize: 10,
  terminateVisibilityTimeout: true,
  handleMessage,
});

consumer.on("started", () => console.log("ready"));
consumer.on("error", (error) => console.log(`error ${error}`));
consumer.on("processing_error", (error) => console.log(`refused ${error.message}`));
process.on("SIGTERM", () => consumer.stop({ abort: true }));
consumer.start();
