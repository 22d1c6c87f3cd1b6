"""Topics: their names, attributes, tags, permissions and end."""

import json

from tests.parity.aws import Aws

OTHER = "111122223333"


def a_topic_is_made_once(aws: Aws) -> None:
    create = "sns.create_topic"
    aws("create", create, Name="news", Attributes={"DisplayName": "News"}, Tags=[{"Key": "a", "Value": "1"}])
    aws("create again", create, Name="news", Attributes={"DisplayName": "News"})
    aws("create with less", create, Name="news")
    aws("create with another attribute", create, Name="news", Attributes={"DisplayName": "Other"})
    aws("create with another tag", create, Name="news", Tags=[{"Key": "b", "Value": "2"}])
    aws("list", "sns.list_topics")


def a_topic_is_named_by_the_rules(aws: Aws) -> None:
    create, fifo = "sns.create_topic", {"FifoTopic": "true"}
    aws("an empty name", create, Name="")
    aws("a name with a space", create, Name="two words")
    aws("a suffix without the attribute", create, Name="news.fifo")
    aws("the attribute without a suffix", create, Name="news", Attributes=fifo)
    aws("a FIFO topic", create, Name="news.fifo", Attributes=fifo)


def a_topic_has_attributes(aws: Aws) -> None:
    arn = aws.make_topic()
    set_ = "sns.set_topic_attributes"
    aws("set a name", set_, TopicArn=arn, AttributeName="DisplayName", AttributeValue="News")
    aws("set a version", set_, TopicArn=arn, AttributeName="SignatureVersion", AttributeValue="2")
    aws("set the type", set_, TopicArn=arn, AttributeName="FifoTopic", AttributeValue="true")
    aws("set what there is not", set_, TopicArn=arn, AttributeName="Colour", AttributeValue="red")
    result = aws("get", "sns.get_topic_attributes", TopicArn=arn)
    names = ("DisplayName", "SignatureVersion", "Owner", "TopicArn", "SubscriptionsConfirmed")
    attributes = result["Attributes"]
    aws.transcript["get"]["result"] = {name: attributes.get(name) for name in names}
    aws("an absent topic", "sns.get_topic_attributes", TopicArn=f"{arn}-gone")


def a_topic_has_tags(aws: Aws) -> None:
    arn = aws.make_topic()
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    aws("tag", "sns.tag_resource", ResourceArn=arn, Tags=tags)
    aws("untag", "sns.untag_resource", ResourceArn=arn, TagKeys=["a"])
    aws("list", "sns.list_tags_for_resource", ResourceArn=arn)
    aws("tag twice with a key", "sns.tag_resource", ResourceArn=arn, Tags=[tags[0], tags[0]])
    gone = f"{arn}-gone"
    aws("tag an absent topic", "sns.tag_resource", ResourceArn=gone, Tags=tags)
    aws("untag an absent topic", "sns.untag_resource", ResourceArn=gone, TagKeys=["a"])
    aws("list the tags of an absent topic", "sns.list_tags_for_resource", ResourceArn=gone)


def a_deleted_topic_is_gone(aws: Aws) -> None:
    arn = aws.make_topic()
    aws("delete", "sns.delete_topic", TopicArn=arn)
    aws("delete again", "sns.delete_topic", TopicArn=arn)
    aws("get its attributes", "sns.get_topic_attributes", TopicArn=arn)
    aws("set an attribute", "sns.set_topic_attributes", TopicArn=arn, AttributeName="DisplayName")
    aws("list", "sns.list_topics")


def a_topic_grants_permissions(aws: Aws) -> None:
    arn = aws.make_topic()
    add, who = "sns.add_permission", [OTHER]
    aws("add", add, TopicArn=arn, Label="one", AWSAccountId=who, ActionName=["Publish"])
    both = ["Subscribe", "Receive"]
    aws("add two actions", add, TopicArn=arn, Label="two", AWSAccountId=who, ActionName=both)
    aws("add the same", add, TopicArn=arn, Label="one", AWSAccountId=who, ActionName=["Publish"])
    aws("an action that is none", add, TopicArn=arn, Label="x", AWSAccountId=who, ActionName=["Dance"])
    gone = f"{arn}-gone"
    aws("an absent topic", add, TopicArn=gone, Label="x", AWSAccountId=who, ActionName=["Publish"])
    aws("remove", "sns.remove_permission", TopicArn=arn, Label="one")
    aws("remove from an absent topic", "sns.remove_permission", TopicArn=gone, Label="one")
    result = aws("the policy", "sns.get_topic_attributes", TopicArn=arn)
    policy = json.loads(result["Attributes"]["Policy"])
    aws.transcript["the policy"]["result"] = {
        "granted": [one for one in policy["Statement"] if one["Sid"] == "two"]
    }
