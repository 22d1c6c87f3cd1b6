terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "aws_scheduler_schedule_group" "team" {
  name = "team"
  tags = { team = "a" }
}
resource "aws_scheduler_schedule" "nightly" {
  name                         = "nightly"
  group_name                   = aws_scheduler_schedule_group.team.name
  schedule_expression          = "cron(30 2 * * ? *)"
  schedule_expression_timezone = "Europe/Berlin"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = "arn:aws:sqs:us-east-1:ACCOUNT:orders"
    role_arn = "arn:aws:iam::000000000000:role/scheduler"
    input    = jsonencode({ report = true })
    retry_policy { maximum_retry_attempts = 3 }
  }
}
resource "aws_lambda_function" "worker" {
  function_name = "worker"
  role          = "arn:aws:iam::000000000000:role/worker"
  handler       = "app.handler"
  runtime       = "python3.12"
  filename      = "code.zip"
}
resource "aws_lambda_event_source_mapping" "orders" {
  event_source_arn                   = "arn:aws:sqs:us-east-1:ACCOUNT:orders"
  function_name                      = aws_lambda_function.worker.arn
  batch_size                         = 5
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]
  filter_criteria {
    filter { pattern = jsonencode({ body = { state = ["paid"] } }) }
  }
}
resource "aws_pipes_pipe" "orders" {
  name     = "orders"
  role_arn = "arn:aws:iam::000000000000:role/pipe"
  source   = "arn:aws:sqs:us-east-1:ACCOUNT:orders"
  target   = "arn:aws:sqs:us-east-1:ACCOUNT:out"
  source_parameters {
    sqs_queue_parameters { batch_size = 2 }
    filter_criteria {
      filter { pattern = jsonencode({ body = { state = ["paid"] } }) }
    }
  }
  target_parameters { input_template = "{\"order\": <$.body.order>}" }
}
