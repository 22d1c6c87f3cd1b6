"""The registry that the operations of Lambda sign up in."""

from pocketbus.apis.service import Service

awslambda = Service("lambda", __package__)
