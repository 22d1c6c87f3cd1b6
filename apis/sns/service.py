"""The registry that the operations of SNS sign up in."""

from pocketbus.apis.service import Service

sns = Service("sns", __package__)
