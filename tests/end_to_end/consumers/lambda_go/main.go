// A Lambda function on Go's runtime interface client.
package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func handle(_ context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var answer events.SQSEventResponse
	for _, record := range event.Records {
		if strings.Contains(record.Body, "-") {
			failure := events.SQSBatchItemFailure{ItemIdentifier: record.MessageId}
			answer.BatchItemFailures = append(answer.BatchItemFailures, failure)
		} else {
			fmt.Println("handled", record.Body)
		}
	}
	return answer, nil
}

func main() { lambda.Start(handle) }
