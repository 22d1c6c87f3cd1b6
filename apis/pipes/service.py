"""The registry that the operations of Pipes sign up in."""

from pocketbus.apis.service import Service

pipes = Service("pipes", __package__)
