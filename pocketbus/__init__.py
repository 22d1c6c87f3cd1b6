"""SQS, SNS and EventBridge in one small process: the names that users write down.

Each is loaded when it is first asked for, so that importing the package costs nothing; __init__.pyi has their types.
"""

from importlib import import_module
from os.path import dirname, isdir, join  # pathlib alone would take longer to import than all the rest

_HERE = dirname(__file__)  # noqa: PTH120
if not isdir(join(_HERE, "rules")):  # noqa: PTH112, PTH118
    # In a source checkout the three rooms lie beside this folder; a wheel has them in it.
    __path__.append(dirname(_HERE))  # noqa: PTH120

_HOMES = {
    "Account": "account",
    "ArchiveView": "emulator.inspection.look",
    "BusView": "emulator.inspection.look",
    "CustomBusView": "emulator.inspection.logs",
    "Captured": "emulator.deliveries.outbox",
    "Emulator": "embedded",
    "EmulatorMixin": "replacing",
    "EventQuotas": "emulator.buses.event_quotas",
    "EventView": "emulator.inspection.logs",
    "ExpressionError": "emulator.inspection.expression",
    "Fault": "emulator.trouble.faults",
    "FaultError": "emulator.trouble.effects",
    "FunctionView": "emulator.inspection.look",
    "MappingView": "emulator.inspection.look",
    "MessageView": "emulator.inspection.look",
    "QueueView": "emulator.inspection.look",
    "Record": "emulator.inspection.trace",
    "ResourceNotFoundError": "emulator.errors",
    "RuleView": "emulator.inspection.look",
    "SampleError": "emulator.inspection.sample",
    "ScheduleView": "emulator.inspection.look",
    "SnapshotError": "emulator.state.snapshots",
    "StateError": "emulator.state.document",
    "SubscriberView": "emulator.inspection.logs",
    "SubscriptionView": "emulator.inspection.look",
    "TopicView": "emulator.inspection.look",
    "Verdict": "emulator.inspection.explanation",
    "mock_aws": "replacing",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
