// What an application does with the AWS SDK for Go, led to the server by AWS's own variables.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	events "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

var ctx = context.Background()

func must[T any](answer T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return answer
}

type queue struct {
	client *sqs.Client
	url    *string
	arn    *string
}

func create(client *sqs.Client, name string) queue {
	url := must(client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})).QueueUrl
	names := []types.QueueAttributeName{types.QueueAttributeNameQueueArn}
	asked := &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: names}
	attributes := must(client.GetQueueAttributes(ctx, asked)).Attributes
	return queue{client, url, aws.String(attributes["QueueArn"])}
}

// take receives the message that comes next, and deletes it.
func (q queue) take() string {
	asked := &sqs.ReceiveMessageInput{QueueUrl: q.url, WaitTimeSeconds: 5}
	message := must(q.client.ReceiveMessage(ctx, asked)).Messages[0]
	done := &sqs.DeleteMessageInput{QueueUrl: q.url, ReceiptHandle: message.ReceiptHandle}
	must(q.client.DeleteMessage(ctx, done))
	return *message.Body
}

func main() {
	settings := must(config.LoadDefaultConfig(ctx))
	orders := create(sqs.NewFromConfig(settings), "orders")

	must(orders.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: orders.url, MessageBody: aws.String("order 1")}))
	fmt.Println("sent", orders.take())

	topics := sns.NewFromConfig(settings)
	topic := must(topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("shop")})).TopicArn
	must(topics.Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: topic, Protocol: aws.String("sqs"), Endpoint: orders.arn,
		Attributes: map[string]string{"RawMessageDelivery": "true"},
	}))
	must(topics.Publish(ctx, &sns.PublishInput{TopicArn: topic, Message: aws.String("order 2")}))
	fmt.Println("published", orders.take())

	bus := eventbridge.NewFromConfig(settings)
	rule := aws.String("high-value")
	pattern := aws.String(`{"detail": {"total": [{"numeric": [">", 1000]}]}}`)
	must(bus.PutRule(ctx, &eventbridge.PutRuleInput{Name: rule, EventPattern: pattern}))
	target := events.Target{Id: aws.String("queue"), Arn: orders.arn, InputPath: aws.String("$.detail.total")}
	must(bus.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: rule, Targets: []events.Target{target}}))
	var entries []events.PutEventsRequestEntry
	for _, detail := range []string{`{"total": 12.5}`, `{"total": 2400}`} {
		entries = append(entries, events.PutEventsRequestEntry{
			Source: aws.String("shop"), DetailType: aws.String("order.placed"), Detail: aws.String(detail),
		})
	}
	must(bus.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries}))
	fmt.Println("matched", orders.take())
}
