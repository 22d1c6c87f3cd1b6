"""PutPartnerEvents: what a partner sends to the buses that its customers made for it."""

from pocketbus.apis.call import Call, Result
from pocketbus.apis.events.put_events import (
    Entry,
    Put,
    answer_each,
    check_entry,
    check_total_size,
    read_event,
)
from pocketbus.apis.events.service import events
from pocketbus.emulator.buses.event_source import ACTIVE
from pocketbus.emulator.deliveries.delivery import Delivery
from pocketbus.emulator.errors import InvalidArgument


@events.operation
def put_partner_events(call: Call, *, entries: list[Entry]) -> Result:
    check_total_size(entries)
    return answer_each(call, entries, lambda entry: _put(call, entry))


def _put(call: Call, entry: Entry) -> Put:
    """Put an event on the bus of each customer; as at AWS the partner does not learn who takes none."""
    check_entry(entry)
    sources = call.scope.events.partner_sources.named(entry["Source"], call.now)
    if not sources:
        raise InvalidArgument(
            f"Parameter Source is not valid. Reason: Event source {entry['Source']} does not exist."
        )
    event_id = call.engine.ids.uuid()
    caused: list[Delivery] = []
    for source in sources:
        event = read_event(call, entry, source.account, call.scope.region, event_id)
        if source.state == ACTIVE:
            bus = call.engine.scope(source.account, call.scope.region).events.buses[source.name]
            caused += bus.put(event, call.now)
        else:
            why = f"the event source is {source.state}"
            call.engine.trace.record(call.now, "dropped", source.arn, event_id, why)
    return event_id, caused
