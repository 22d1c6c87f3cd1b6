// A Lambda function on Node's runtime interface client.
"use strict";

exports.handler = async (event) => {
  const failures = [];
  for (const record of event.Records) {
    if (record.body.includes("-")) {
      failures.push({ itemIdentifier: record.messageId });
    } else {
      console.log(`handled ${record.body}`);
    }
  }
  return { batchItemFailures: failures };
};
