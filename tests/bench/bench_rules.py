"""Events a second through an Index of 1 to 10,000 rules, five families of them, beside moto's matcher.

All figures are of CPU time and to be compared within one run only: sizes take turns in short slices, since the
machine's own speed changes, and a ratio is the median of theirs.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import process_time
from typing import Any

from moto.events.models import EventPattern

from pocketbus.rules.event import Event
from pocketbus.rules.index import Index
from pocketbus.rules.pattern import compile_pattern
from tests.bench.table import Row

SIZES = (1, 100, 1_000, 10_000)
SLICES = 15
SLICE_SECONDS = 0.02
MOTO_SECONDS = 0.15
AT_LEAST_OF_ONE_RULE = 0.8
AT_MOST_OF_MATCHING_ALONE = 3.0
TYPES = 7

Rule = dict[str, Any]

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


@dataclass
class Figures:
    """Of one number of rules: how many match, and slice by slice the events a second, of all and of these alone."""

    matching: int
    whole: list[float]
    alone: list[float]
    moto: float


def measure(family: str) -> dict[int, Figures]:
    """Return the figures by number of rules."""
    event = Event.from_value(EVENT)
    figures, works = {}, []
    for size in SIZES:
        rules = [json.dumps(FAMILIES[family](number, size)) for number in range(size)]
        index = index_of(rules)
        matching = index.matching(event)
        alone = index_of([rules[number] for number in matching])
        figures[size] = of_size = Figures(len(matching), [], [], _moto(rules))
        works += [
            (of_size.whole, partial(index.matching, event)),
            (of_size.alone, partial(alone.matching, event)),
        ]
    for _ in range(SLICES):
        for found, work in works:
            found.append(_per_second(work, SLICE_SECONDS))
    return figures


def _moto(rules: list[str]) -> float:
    patterns = [EventPattern.load(rule) for rule in rules]
    return _per_second(lambda: [pattern.matches_event(EVENT) for pattern in patterns], MOTO_SECONDS)


def _per_second(work: Callable[[], object], seconds: float) -> float:
    start, done = process_time(), 0
    while (spent := process_time() - start) < seconds or not done:
        work()
        done += 1
    return done / spent if spent else float("inf")


def rows() -> list[Row]:
    """Print events a second of each family beside moto's, and return how they scale."""
    print(
        "Events a second by processor time, without HTTP: with all rules, with the matching ones alone, and by moto's "
        "matcher with all, with how many times as many as its. The families are in tests/bench/bench_rules.py."
    )
    print(
        f"{'family':<10}{'rules':>7}{'matching':>10}{'events/s':>11}{'matching alone':>16}{'moto':>10}{'of moto':>9}"
    )
    return [_row(family, _printed(family, measure(family))) for family in FAMILIES]


def _printed(family: str, figures: dict[int, Figures]) -> dict[int, Figures]:
    for size, found in figures.items():
        whole, alone = median(found.whole), median(found.alone)
        counts, rates = (
            f"{size:>7}{found.matching:>10}",
            f"{whole:>11,.0f}{alone:>16,.0f}{found.moto:>10,.1f}",
        )
        print(f"{family:<10}{counts}{rates}{whole / found.moto:>8,.0f}x", flush=True)
    return figures


def _row(family: str, figures: dict[int, Figures]) -> Row:
    most = figures[SIZES[-1]]
    if family in OUTPUT_BOUND:
        what = f"{family}: 10,000 rules, cost against their matching rules alone"
        return Row(what, _ratio(most.alone, most.whole), AT_MOST_OF_MATCHING_ALONE, at_least=False)
    what = f"{family}: events a second with 10,000 rules, against 1 rule"
    return Row(what, _ratio(most.whole, figures[1].whole), AT_LEAST_OF_ONE_RULE)


def _ratio(some: list[float], others: list[float]) -> float:
    return median(one / other for one, other in zip(some, others, strict=True))
