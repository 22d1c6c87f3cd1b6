"""The sections that a seed can have, in the order in which they are made: what others name comes first."""

from pocketbus.apis.seeds.api_destinations import API_DESTINATIONS, CONNECTIONS
from pocketbus.apis.seeds.archives import ARCHIVES
from pocketbus.apis.seeds.buses import BUSES, PERMISSIONS
from pocketbus.apis.seeds.custom_buses import CUSTOM_BUS_POLICIES, CUSTOM_BUSES, SUBSCRIBERS
from pocketbus.apis.seeds.functions import FUNCTIONS, MAPPINGS
from pocketbus.apis.seeds.pipes import PIPES
from pocketbus.apis.seeds.platform_applications import PLATFORM_APPLICATIONS
from pocketbus.apis.seeds.queues import QUEUES
from pocketbus.apis.seeds.rules import RULES, TARGETS
from pocketbus.apis.seeds.schedules import SCHEDULE_GROUPS, SCHEDULES
from pocketbus.apis.seeds.section import Section
from pocketbus.apis.seeds.subscriptions import SUBSCRIPTIONS
from pocketbus.apis.seeds.topics import TOPICS

SECTIONS: dict[str, Section] = {
    section.name: section
    for section in (
        *(QUEUES, TOPICS, SUBSCRIPTIONS, PLATFORM_APPLICATIONS),
        *(BUSES, PERMISSIONS, CONNECTIONS, API_DESTINATIONS, ARCHIVES, RULES, TARGETS),
        *(SCHEDULE_GROUPS, SCHEDULES),
        *(FUNCTIONS, MAPPINGS, PIPES),
        *(CUSTOM_BUSES, CUSTOM_BUS_POLICIES, SUBSCRIBERS),
    )
}
