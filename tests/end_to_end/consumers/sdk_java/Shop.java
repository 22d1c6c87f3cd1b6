import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What an application does with the AWS SDK for Java, led to the server by AWS's own variables. */
class Shop {
    private final SqsClient sqs;
    private final String url;
    private final String arn;

    Shop(SqsClient sqs, String name) {
        this.sqs = sqs;
        url = sqs.createQueue(r -> r.queueName(name)).queueUrl();
        var attributes = sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN));
        arn = attributes.attributes().get(QueueAttributeName.QUEUE_ARN);
    }

    /** Receive the message that comes next, and delete it. */
    private String take() {
        var message = sqs.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(5)).messages().get(0);
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
        return message.body();
    }

    private void send() {
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("order 1"));
        System.out.println("sent " + take());
    }

    private void publish(SnsClient sns) {
        var topic = sns.createTopic(r -> r.name("shop")).topicArn();
        sns.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(arn)
                .attributes(Map.of("RawMessageDelivery", "true")));
        sns.publish(r -> r.topicArn(topic).message("order 2"));
        System.out.println("published " + take());
    }

    @SuppressWarnings("unchecked") // of the SDK's own: targets() takes any number of generic consumers
    private void putEvents(EventBridgeClient bus) {
        bus.putRule(r -> r.name("high-value").eventPattern("{\"detail\": {\"total\": [{\"numeric\": [\">\", 1000]}]}}"));
        bus.putTargets(r -> r.rule("high-value")
                .targets(t -> t.id("queue").arn(arn).inputPath("$.detail.total")));
        bus.putEvents(r -> r.entries(event("{\"total\": 12.5}"), event("{\"total\": 2400}")));
        System.out.println("matched " + take());
    }

    private static PutEventsRequestEntry event(String detail) {
        return PutEventsRequestEntry.builder().source("shop").detailType("order.placed").detail(detail).build();
    }

    /** Ask with the JDK's own client, which would rather speak HTTP/2 and offers to with each request. */
    private static void askWithHttp2(String endpoint) throws Exception {
        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        var form = HttpRequest.newBuilder(URI.create(endpoint))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("Action=ListQueues&Version=2012-11-05"));
        for (var request : List.of(form.build(), form.build())) {
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println("asked " + answer.statusCode() + " " + answer.version());
        }
    }

    public static void main(String[] arguments) throws Exception {
        var http = UrlConnectionHttpClient.builder().build();
        var shop = new Shop(SqsClient.builder().httpClient(http).build(), "orders");
        shop.send();
        shop.publish(SnsClient.builder().httpClient(http).build());
        shop.putEvents(EventBridgeClient.builder().httpClient(http).build());
        askWithHttp2(System.getenv("AWS_ENDPOINT_URL"));
    }
}
