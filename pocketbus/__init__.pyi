# The types of what __init__.py loads lazily.

from pocketbus.account import Account as Account
from pocketbus.embedded import Emulator as Emulator
from pocketbus.emulator.buses.event_quotas import EventQuotas as EventQuotas
from pocketbus.emulator.deliveries.outbox import Captured as Captured
from pocketbus.emulator.errors import ResourceNotFoundError as ResourceNotFoundError
from pocketbus.emulator.inspection.explanation import Verdict as Verdict
from pocketbus.emulator.inspection.expression import ExpressionError as ExpressionError
from pocketbus.emulator.inspection.logs import CustomBusView as CustomBusView
from pocketbus.emulator.inspection.logs import EventView as EventView
from pocketbus.emulator.inspection.logs import SubscriberView as SubscriberView
from pocketbus.emulator.inspection.look import ArchiveView as ArchiveView
from pocketbus.emulator.inspection.look import BusView as BusView
from pocketbus.emulator.inspection.look import FunctionView as FunctionView
from pocketbus.emulator.inspection.look import MappingView as MappingView
from pocketbus.emulator.inspection.look import MessageView as MessageView
from pocketbus.emulator.inspection.look import QueueView as QueueView
from pocketbus.emulator.inspection.look import RuleView as RuleView
from pocketbus.emulator.inspection.look import ScheduleView as ScheduleView
from pocketbus.emulator.inspection.look import SubscriptionView as SubscriptionView
from pocketbus.emulator.inspection.look import TopicView as TopicView
from pocketbus.emulator.inspection.sample import SampleError as SampleError
from pocketbus.emulator.inspection.trace import Record as Record
from pocketbus.emulator.state.document import StateError as StateError
from pocketbus.emulator.state.snapshots import SnapshotError as SnapshotError
from pocketbus.emulator.trouble.effects import FaultError as FaultError
from pocketbus.emulator.trouble.faults import Fault as Fault
from pocketbus.replacing import EmulatorMixin as EmulatorMixin
from pocketbus.replacing import mock_aws as mock_aws

__all__ = [
    "Account",
    "ArchiveView",
    "BusView",
    "Captured",
    "CustomBusView",
    "Emulator",
    "EmulatorMixin",
    "EventQuotas",
    "EventView",
    "ExpressionError",
    "Fault",
    "FaultError",
    "FunctionView",
    "MappingView",
    "MessageView",
    "QueueView",
    "Record",
    "ResourceNotFoundError",
    "RuleView",
    "SampleError",
    "ScheduleView",
    "SnapshotError",
    "StateError",
    "SubscriberView",
    "SubscriptionView",
    "TopicView",
    "Verdict",
    "mock_aws",
]
