"""What the objects of the state hold, by type: a document of the right digest may still hold anything.

The fields of structs say it themselves. What other classes hold is told here, and in the words of Python's types.
"""

import builtins
import collections
import sys
from collections.abc import Callable, Collection, Mapping
from functools import cache
from inspect import get_annotations
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from pocketbus.emulator.core import Core
from pocketbus.emulator.deliveries.log_group import LogGroup
from pocketbus.emulator.deliveries.outbox import Captured
from pocketbus.emulator.ids import Ids
from pocketbus.emulator.state.compiled import DERIVED
from pocketbus.emulator.state.graph import MODULES, GraphError, class_of, name_of
from pocketbus.emulator.time.deadlines import Deadline

Fits = Callable[[Any], bool]

_SHAPES: Final = {
    "buses.api_destination.ApiDestination": "arn name:str created_at modified_at:float settings:ApiDestinationSettings",
    "buses.archive.Archive": (
        "arn name:str bus:Bus created_at:float log:ArchiveLog _core:Core settings:ArchiveSettings"
    ),
    "buses.archive.ArchiveLog": "first _gone_bytes _keepers:int latest_at:float _core:Core",
    "buses.bus.Bus": (
        "arn name owner:str log:BusLog policy:BusPolicy tags:dict[str,str] "
        "created_at:float modified_at:float|None _arn:Arn _core:Core settings:BusSettings"
    ),
    "buses.bus_event.BusEvent": "body:str attributes:dict trace_header:str|None envelope:Envelope",
    "buses.bus_log.BusLog": "level:Level include_detail:bool _bus_arn _bus_name:str _records:deque",
    "buses.bus_policy.BusPolicy": "statements:tuple",
    "buses.connection.Connection": (
        "arn name secret_arn _passing:str created_at modified_at _settled_at:float "
        "_authorized_at _authorized_before:float|None reason:str|None "
        "settings:ConnectionSettings"
    ),
    "buses.event_source.EventSource": "arn name account state:str created_at:float expires_at:float|None",
    "buses.event_source.EventSources": "_sources:dict[tuple,EventSource]",
    "buses.replay.Replay": (
        "arn name archive_arn state:str bus:Bus settings:ReplaySettings reason:str|None started_at:float "
        "ended_at last_replayed_at:float|None _core:Core _timer:Deadline|None _log:ArchiveLog|None "
        "_end_position:int _behind:Place"
    ),
    "buses.rule.Rule": (
        "arn name bus_name created_by:str _arn:Arn managed_by:str|None tags:dict[str,str] settings:RuleSettings "
        "targets:dict[str,Target] _core:Core _log:BusLog _timer:Deadline|None"
    ),
    "deliveries.log_group.LogGroup": "arn:str events:deque[LogEvent]",
    "functions.deployed.DeployedFunction": (
        "arn name:str tags:dict[str,str] versions:dict[str,FunctionSettings] aliases:dict[str,Alias] "
        "policies:dict[str,Policy] invoke_configs:dict[str,EventInvokeConfig] reserved_concurrency:int|None "
        "_published:int"
    ),
    "functions.mapping.EventSourceMapping": (
        "uuid arn queue_arn:str settings:MappingSettings tags:dict[str,str] modified_at:float _change:str _core:Core"
    ),
    "message.Message": (
        "message_id sender_id:str dead_letter_source deduplication_id group_id:str|None deadline:Deadline|None "
        "duplicated:bool first_received_at received_at:float|None nonce receive_count receives_elsewhere sequence:int "
        "sent_at:float state:State"
    ),
    "message.Text": "body:str attributes:dict trace_header:str|None",
    "pipes.feed.Feed": (
        "_arn _source:str _core:Core _waiting:deque[Fed] _sizes:deque[int] _attempts:int _again_at:float|None"
    ),
    "pipes.pipe.Pipe": (
        "arn name source:str settings:PipeSettings tags:dict[str,str] created_at modified_at:float _change:str "
        "_reason:str|None _feed:Feed _core:Core"
    ),
    "queues.holdings.Holdings": "arn:str core:Core queue:int fifo:bool order:Any deadlines_added:int",
    "queues.queue.Queue": (
        "arn name owner:str settings:QueueSettings tags:dict[str,str] created_at modified_at:float "
        "_core:Core _sequence:int _held:Holdings _deduplication:DeduplicationWindow "
        "_purged_at:float|None _scope:str _scope_changes_at:float|None"
    ),
    "custombuses.bus.CustomBus": (
        "arn name owner:str settings:BusSettings log:EventLog policies:dict[str,ResourcePolicy] tags:dict[str,str] "
        "subscribers:dict[str,Subscriber] sources:dict[str,Source] created_at modified_at _settled_at:float "
        "_passing:str _core:Core _deduplication:DeduplicationWindow"
    ),
    "custombuses.log.EventLog": "first _gone_bytes _keepers:int latest_at:float _core:Core",
    "custombuses.source.Source": (
        "arn bus_arn:str settings:SourceSettings tags:dict[str,str] created_at modified_at:float revoked:bool "
        "url:str|None credential:Credential|None rule:tuple[str,str]|None"
    ),
    "custombuses.subscriber.Subscriber": (
        "arn ordering state:str settings:SubscriberSettings start:Start revoked:bool tags:dict[str,str]|None "
        "created_at modified_at:float filter_changes:tuple[float,...] _bus:CustomBus _core:Core "
        "_replay_until _next:int"
    ),
    "schedules.client_tokens.ClientTokens": "_calls:dict",
    "schedules.schedule.Schedule": (
        "arn name:str created_at modified_at _due_at:float settings:ScheduleSettings _owner:ScheduleGroup _core:Core "
        "_timer:Deadline|None _postponed:list[Postponed] _under_way:set[str]"
    ),
    "schedules.schedule_group.ScheduleGroup": (
        "arn name:str tags:dict[str,str] created_at modified_at:float deleted_at:float|None _core:Core"
    ),
    "topics.confirmation.Confirmations": (
        "_topic_arn:str _audience:Audience _core:Core _tokens _latest:dict _timers:dict[str,Deadline]"
    ),
    "topics.platform.PlatformApplication": ("arn:str attributes:dict[str,str] _core:Core"),
    "topics.platform.PlatformEndpoint": (
        "arn:str application:PlatformApplication settings:EndpointSettings _core:Core"
    ),
    "topics.publication.Publication": (
        "message:str attributes:dict by_protocol:dict|None deduplication_id group_id subject trace_header:str|None "
        "size:int"
    ),
    "topics.sms.TextMessages": (
        "account region:str settings:dict[str,str] sandbox:dict[str,SandboxNumber] opted_out:set[str] "
        "_opted_in_at:dict[str,float] _core:Core"
    ),
    "topics.subscription.Subscription": (
        "arn base_url endpoint owner protocol topic_arn:str authenticated confirmed guarded:bool "
        "settings:SubscriptionSettings _pace:Pace|None"
    ),
    "topics.topic.Topic": (
        "arn name owner:str settings:TopicSettings tags:dict[str,str] audience:Audience confirmations:Confirmations "
        "deleted_subscriptions _sequence:int _core:Core _deduplication:DeduplicationWindow archive:TopicArchive"
    ),
    "topics.topic_archive.TopicArchive": "_policy:ArchivePolicy|None _since:float _core:Core log:TopicLog|None",
    "topics.topic_archive.TopicLog": "first _gone_bytes _keepers:int latest_at:float _core:Core",
}

_SCOPE: Final = (
    "queues:dict[str,Queue] move_tasks:dict[str,deque[MoveTask]] _queues_deleted_at:dict[str,float] "
    "topics:dict[str,Topic] sms:TextMessages "
    "platform_applications:dict[str,PlatformApplication] buses:dict[str,Bus] archives:dict[str,Archive] "
    "replays:dict[str,Replay] connections:dict[str,Connection] api_destinations:dict[str,ApiDestination] "
    "endpoints:dict[str,Endpoint] offered_sources partner_sources:EventSources "
    "groups:dict[str,ScheduleGroup] client_tokens custom_bus_tokens:ClientTokens "
    "custom_buses:dict[str,CustomBus] subscribers:dict[str,Subscriber] sources:dict[str,Source] "
    "functions:dict[str,DeployedFunction] mappings:dict[str,EventSourceMapping] "
    "pipes:dict[str,Pipe]"
)
_COMMON: Final = {"outbox": list[Captured], "log_groups": list[LogGroup], "health_checks": list[str]}


def check_state(kind: type, state: Mapping[str, Any]) -> None:
    """Raise GraphError if the state that an object of a class is to be made of is of other types than its own."""
    for name, fits in _checks_of(kind):
        if not fits(state.get(name, _MISSING)):
            raise GraphError(f"{name_of(kind)} has another {name.lstrip('_')}")


def check_attributes(attributes: Mapping[str, Any]) -> None:
    """Do the same with attributes of a scope, or with what all scopes share."""
    for name, value in attributes.items():
        fits = _attribute_checks().get(name)
        if fits is not None and not fits(value):
            raise GraphError(f"the document has another {name.lstrip('_')}")


_MISSING: Final = object()


@cache
def _attribute_checks() -> Mapping[str, Fits]:
    kinds = dict(_parsed(_SCOPE, {})) | _COMMON
    return {name: _fits(kind) for name, kind in kinds.items()}


@cache
def _checks_of(kind: type) -> tuple[tuple[str, Fits], ...]:
    return tuple((name, _fits(wanted)) for name, wanted in _kinds_of(kind) if (kind, name) not in DERIVED)


def _kinds_of(kind: type) -> list[tuple[str, Any]]:
    if fields := getattr(kind, "__struct_fields__", ()):
        return list(_hints(kind, fields).items())
    shape = _SHAPES.get(name_of(kind))
    return [] if shape is None else _parsed(shape, _names_around(kind))


def _hints(kind: type, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return the types of a struct's fields; one that only a type checker can know says nothing."""
    names = _Names(_names_around(kind))
    annotated = {
        name: kind for base in reversed(kind.__mro__) for name, kind in get_annotations(base).items()
    }
    hints = {name: annotated[name] for name in fields}
    holder = type("holder", (), {"__annotations__": hints})
    return get_type_hints(holder, localns=names)


def _parsed(shape: str, names: dict[str, Any]) -> list[tuple[str, Any]]:
    """Read `name name:type name:type`: a type counts for all names before it."""
    found: list[tuple[str, Any]] = []
    waiting: list[str] = []
    for word in shape.split():
        name, colon, kind = word.partition(":")
        waiting.append(name)
        if colon:
            found += [(one, eval(kind, {}, _Names(names))) for one in waiting]  # noqa: S307 - our own text, above
            waiting.clear()
    return found


class _Names(dict[str, Any]):
    """Names as a module knows them and, for all others, classes of the state or whatever there is."""

    def __missing__(self, name: str) -> Any:
        known = {"Core": Core, "Ids": Ids, "Deadline": Deadline, "deque": collections.deque}.get(
            name
        ) or getattr(builtins, name, None)
        return known or next(iter(_classes_named(name)), Any)


def _classes_named(name: str) -> list[Any]:
    return [class_of(full) for full in _SHAPES if full.rpartition(".")[2] == name] + _others_named(name)


def _others_named(name: str) -> list[Any]:
    found = []
    for module in sorted(MODULES):
        try:
            found.append(class_of(f"{module}.{name}"))
        except GraphError:
            continue
    return found


def _names_around(kind: type) -> dict[str, Any]:
    return dict(vars(sys.modules[kind.__module__]))


def _fits(kind: Any) -> Fits:  # noqa: PLR0911 - one line a kind of type
    """Compile what tells whether a value is of a type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        options = [_fits(one) for one in arguments]
        return lambda value: any(fits(value) for fits in options)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, part = map(_fits, arguments)
        return lambda value: isinstance(value, dict) and all(key(k) and part(p) for k, p in value.items())
    if origin is tuple:
        return _fits_tuple(arguments)
    if isinstance(origin, type) and issubclass(origin, Collection) and len(arguments) == 1:
        element, wanted = _fits(arguments[0]), origin
        return lambda value: isinstance(value, wanted) and all(map(element, value))
    if isinstance(origin, type):
        kind = origin
    if kind is None or kind is NoneType:
        return lambda value: value is None
    if kind is Any or not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return lambda value: value is not _MISSING
    return _fits_class(kind)


def _fits_tuple(arguments: tuple[Any, ...]) -> Fits:
    if arguments[1:] == (...,):
        every = _fits(arguments[0])
        return lambda value: isinstance(value, tuple) and all(map(every, value))
    each = [_fits(one) for one in arguments]
    return lambda value: (
        isinstance(value, tuple)
        and len(value) == len(each)
        and all(fits(part) for fits, part in zip(each, value, strict=True))
    )


def _fits_class(kind: type) -> Fits:
    if kind is float:
        return lambda value: type(value) in (float, int)
    if kind in (int, bool):
        return lambda value: type(value) is kind
    return lambda value: isinstance(value, kind)
