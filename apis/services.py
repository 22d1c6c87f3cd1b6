"""The services that are served, with all their operations registered."""

from pocketbus.apis.awslambda.operations import awslambda
from pocketbus.apis.eventbridgev2.operations import eventbridgev2
from pocketbus.apis.events.operations import events
from pocketbus.apis.scheduler.operations import scheduler
from pocketbus.apis.sns.operations import sns
from pocketbus.apis.sqs.operations import sqs
from pocketbus.apis.sts.operations import sts

SERVICES = (sqs, sns, events, eventbridgev2, scheduler, awslambda, sts)
