"""The services that are served, each of which brings its operations when they are needed."""

from pocketbus.apis.awslambda.service import awslambda
from pocketbus.apis.events.service import events
from pocketbus.apis.pipes.service import pipes
from pocketbus.apis.scheduler.service import scheduler
from pocketbus.apis.sns.service import sns
from pocketbus.apis.sqs.service import sqs
from pocketbus.apis.sts.service import sts

SERVICES = (sqs, sns, events, scheduler, awslambda, pipes, sts)
