"""A topic's audience against a tiny model: whatever changes, a publication finds those that want it."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from pocketbus.emulator.message import Attribute
from pocketbus.emulator.topics.audience import Audience, wants
from pocketbus.emulator.topics.publication import Publication
from pocketbus.emulator.topics.subscription import Subscription, SubscriptionSettings
from pocketbus.rules.filter_policy import compile_filter_policy

_SETTINGS: Final = (
    SubscriptionSettings(),
    SubscriptionSettings(raw_message_delivery=True),
    SubscriptionSettings(filter_policy=compile_filter_policy('{"color": ["red"]}', "MessageAttributes")),
    SubscriptionSettings(
        filter_policy=compile_filter_policy('{"color": ["red"]}', "MessageBody"),
        filter_policy_scope="MessageBody",
    ),
)
_PUBLICATIONS: Final = (
    Publication("hello"),
    Publication("hello", attributes={"color": Attribute("String", "red")}),
    Publication('{"color": "red"}'),
    Publication('{"color": "blue"}', attributes={"color": Attribute("String", "blue")}),
)
_WHICH: Final = st.integers(0, 4)
_CHANGES: Final = st.lists(
    st.one_of(
        st.tuples(st.just("add"), _WHICH, st.sampled_from(_SETTINGS), st.booleans()),
        st.tuples(st.just("remove"), _WHICH),
        st.tuples(st.just("confirm"), _WHICH),
        st.tuples(st.just("configure"), _WHICH, st.sampled_from(_SETTINGS)),
    ),
    max_size=30,
)


@given(_CHANGES)
def test_a_publication_finds_those_that_want_it_after_any_changes(changes: list[tuple[object, ...]]) -> None:
    audience = Audience()
    subscribed: dict[object, Subscription] = {}
    for change in changes:
        match change:
            case ("add", int(which), SubscriptionSettings() as settings, bool(confirmed)):
                if which not in subscribed:
                    one = Subscription(
                        f"arn:aws:sns:us-east-1:000000000000:topic:{which}",
                        "sqs" if which % 2 else "lambda",
                        f"q{which}",
                        "0",
                        settings,
                        "",
                        confirmed=confirmed,
                    )
                    subscribed[which] = one
                    audience.add(one)
            case ("remove", which) if which in subscribed:
                audience.remove(subscribed.pop(which))
            case ("confirm", which) if which in subscribed:
                audience.confirm(subscribed[which])
            case ("configure", which, SubscriptionSettings() as settings) if which in subscribed:
                audience.configure(subscribed[which], settings)
        assert audience.beside_queues == sum(one.protocol != "sqs" for one in subscribed.values())
        for publication in _PUBLICATIONS:
            expected = {one for one in subscribed.values() if one.confirmed and wants(one, publication)}
            found = audience.wanting(publication)
            assert len(found) == len(expected)
            assert set(found) == expected
