"""The service to which the operations of STS belong."""

from pocketbus.apis.service import Service

sts = Service("sts", __package__)
