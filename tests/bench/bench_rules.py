"""Events a second through an Index of 1 to 10,000 rules, five families of them, beside moto's matcher.

All figures are CPU time, best of several slices, and are to be compared within one run only.
"""

import json
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

from moto.events.models import EventPattern

from pocketbus.rules.event import Event
from pocketbus.rules.index import Index
from pocketbus.rules.pattern import compile_pattern
from tests.bench.table import Row

SIZES = (1, 100, 1_000, 10_000)
SLICES = 5
SLICE_SECONDS = 0.06
MOTO_SECONDS = 0.15
AT_LEAST_OF_ONE_RULE = 0.8
AT_MOST_OF_MATCHING_ALONE = 3.0
TYPES = 7

Rule = dict[str, Any]
Figures = dict[int, tuple[float, int, float, float]]
"""By number of rules: events a second, rules that match, events a second of these alone, and of moto."""

OUTPUT_BOUND = ("mixed", "shared")

EVENT: Any = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "type-0",
    "source": "shop.orders.0",
    "account": "111122223333",
    "time": "2026-11-22T18:43:48Z",
    "region": "eu-central-1",
    "resources": [
        "arn:aws:shop:eu-central-1:111122223333:order/1042",
        "arn:aws:shop:eu-central-1:111122223333:customer/77",
    ],
    "detail": {
        "order": {"id": "A-1042", "state": "placed", "currency": "EUR", "tags": ["gift", "express", "eu"]},
        "customer": {
            "id": "C-77",
            "country": "DE",
            "segment": "returning",
            "address": {"city": "Jena", "zip": "07743"},
        },
        "items": [
            {"sku": "S-1", "quantity": 2, "price": 12.5},
            {"sku": "S-2", "quantity": 1, "price": 99.95},
        ],
        "amount": 5000,
        "discount": None,
        "channel": "web",
        "notes": "leave the parcel with the neighbour on the second floor, ring twice",
    },
}


def selective(number: int, _: int) -> Rule:
    return {"source": [f"shop.orders.{number}"], "detail": {"amount": [{"numeric": [">", 100]}]}}


def prefix(number: int, _: int) -> Rule:
    return {"source": [{"prefix": f"shop.orders.{number}"}]}


def mixed(number: int, _: int) -> Rule:
    details: tuple[Rule, ...] = (
        {"channel": [{"anything-but": [f"store-{number}", "phone"]}]},
        {"customer": {"id": [{"wildcard": f"C-*{number}"}]}},
        {
            "$or": [
                {"order": {"state": [f"state-{number}"]}},
                {"customer": {"country": [f"country-{number}"]}},
            ]
        },
        {"items": {"sku": ["S-1"], "quantity": [number]}},
        {"coupon": [{"exists": False}], "order": {"tags": [f"tag-{number % 50}", "gift"]}},
    )
    return {"detail-type": [f"type-{number % TYPES}"], "detail": details[number // TYPES % len(details)]}


def shared(number: int, size: int) -> Rule:
    return {"account": ["111122223333"], "detail": {"amount": [{"numeric": [">", 10_000 * number / size]}]}}


def exact(number: int, _: int) -> Rule:
    return {"source": ["shop.orders.0"], "detail": {"order": {"id": [f"A-{1042 + number}"]}}}


FAMILIES: dict[str, Callable[[int, int], Rule]] = {
    "selective": selective,
    "prefix": prefix,
    "mixed": mixed,
    "shared": shared,
    "exact": exact,
}


def index_of(rules: list[str]) -> Index[int]:
    index: Index[int] = Index()
    for number, rule in enumerate(rules):
        index.add(number, compile_pattern(rule))
    return index


def per_second(work: Callable[[], object], *, seconds: float = SLICE_SECONDS, slices: int = SLICES) -> float:
    """Measure CPU time in slices and take the best of them."""
    return max(_slice(work, seconds) for _ in range(slices))


def _slice(work: Callable[[], object], seconds: float) -> float:
    start, done = process_time(), 0
    while (spent := process_time() - start) < seconds or not done:
        work()
        done += 1
    return done / spent if spent else float("inf")


def moto_per_second(rules: list[str]) -> float:
    patterns = [EventPattern.load(rule) for rule in rules]
    return per_second(lambda: [p.matches_event(EVENT) for p in patterns], seconds=MOTO_SECONDS, slices=1)


def measure(family: str) -> Figures:
    """Return, by number of rules: events a second, matches, the same of the matching rules alone, moto's."""
    event = Event.from_value(EVENT)
    figures = {}
    for size in SIZES:
        rules = [json.dumps(FAMILIES[family](number, size)) for number in range(size)]
        index = index_of(rules)
        matching = index.matching(event)
        alone = index_of([rules[number] for number in matching])
        figures[size] = (
            per_second(partial(index.matching, event)),
            len(matching),
            per_second(partial(alone.matching, event)),
            moto_per_second(rules),
        )
    return figures


def rows() -> list[Row]:
    """Print events a second of each family beside moto's, and return how they scale."""
    print(
        f"{'family':<10}{'rules':>7}{'matching':>10}{'events/s':>11}{'matching alone':>16}{'moto':>10}{'ratio':>9}"
    )
    return [row(family, _printed(family, measure(family))) for family in FAMILIES]


def _printed(family: str, figures: Figures) -> Figures:
    for size, (speed, matching, alone, moto) in figures.items():
        counts, rates = f"{size:>7}{matching:>10}", f"{speed:>11,.0f}{alone:>16,.0f}{moto:>10,.1f}"
        print(f"{family:<10}{counts}{rates}{speed / moto:>8,.0f}x", flush=True)
    return figures


def row(family: str, figures: Figures) -> Row:
    speed, _, alone, _ = figures[SIZES[-1]]
    if family in OUTPUT_BOUND:
        cost = alone / speed
        what = f"{family}: 10,000 rules, cost against their matching rules alone"
        return Row(what, cost, AT_MOST_OF_MATCHING_ALONE, at_least=False)
    what = f"{family}: events a second with 10,000 rules, against 1 rule"
    return Row(what, speed / figures[1][0], AT_LEAST_OF_ONE_RULE)
