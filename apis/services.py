"""The services that are served, with all their operations registered."""

from pocketbus.apis.service import Service
from pocketbus.apis.sqs.operations import sqs
from pocketbus.apis.sts.identity import sts

SERVICES = (sqs, Service("sns"), Service("events"), sts)
