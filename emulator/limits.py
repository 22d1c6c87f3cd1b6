"""The quotas of AWS, each with the page that states it."""

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MESSAGE_BYTES = 1_048_576
BATCH_BYTES = 1_048_576
BATCH_ENTRIES = 10
MESSAGE_ATTRIBUTES = 10
RECEIVE_MESSAGES = 10
RECEIVE_WAIT_SECONDS = 20
DELAY_SECONDS = 900
VISIBILITY_SECONDS = 43_200
IN_FLIGHT_MESSAGES = 120_000

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
DEDUPLICATION_SECONDS = 300

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
QUEUE_TAGS = 50
TAG_KEY_LENGTH = 128
TAG_VALUE_LENGTH = 256

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
STATEMENT_ACTIONS = 7
POLICY_STATEMENTS = 20

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html
MOVE_TASKS_KEPT = 10
MOVES_PER_SECOND = 500

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
PURGE_INTERVAL_SECONDS = 60

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
DELETED_NAME_SECONDS = 60

# https://docs.aws.amazon.com/general/latest/gr/sns.html
TOPIC_MESSAGE_BYTES = 262_144
TOPIC_MESSAGE_BYTES_LARGEST = 1_048_576
PUBLISH_ENTRIES = 10
LARGE_MESSAGE_SUBSCRIPTIONS = 100
FIFO_TOPIC_SUBSCRIPTIONS = 100
TOPIC_FILTER_POLICIES = 200
TOPIC_TAGS = 50
DATA_PROTECTION_POLICY_LENGTH = 30_720

# https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html
ARCHIVE_DAYS = 365

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
SMS_CHARACTERS = 1600

# https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox.html
SANDBOX_NUMBERS = 10

# https://docs.aws.amazon.com/sns/latest/api/API_OptInPhoneNumber.html
OPT_IN_INTERVAL_SECONDS = 30 * 86_400

# https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html
ENDPOINT_USER_DATA_BYTES = 2048

# https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
WEBHOOK_RETRY_SECONDS = 3600
WEBHOOK_ANSWER_SECONDS = 15

# https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
CONFIRMATION_SECONDS = 2 * 86_400

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
RULE_TARGETS = 5
BUS_POLICY_BYTES = 10_240
EVENT_TAGS = 50

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
ACTIVE_REPLAYS = 10
PASSING_SECONDS = 0.5
"""How long a state lasts that a connection, an endpoint or a replay only passes through; AWS takes seconds."""
REPLAY_KEPT_SECONDS = 90 * 86_400

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
EVENT_RETRIES = 185
EVENT_AGE_SECONDS = 86_400

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
PUT_EVENTS_BYTES = 1_048_576
DETAIL_TYPE_LENGTH = 128

# https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
SCHEDULE_INPUT_BYTES = 262_144

# https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
START_DATE_SECONDS = 300
