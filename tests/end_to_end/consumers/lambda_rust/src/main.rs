// A Lambda function on Rust's runtime interface client.
use lambda_runtime::{run, service_fn, Error, LambdaEvent};
use serde_json::{json, Value};

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let none = vec![];
    let mut failures = vec![];
    for record in event.payload["Records"].as_array().unwrap_or(&none) {
        let body = record["body"].as_str().unwrap_or_default();
        if body.contains('-') {
            failures.push(json!({"itemIdentifier": record["messageId"]}));
        } else {
            println!("handled {body}");
        }
    }
    Ok(json!({"batchItemFailures": failures}))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}
