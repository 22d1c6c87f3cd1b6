"""That an input keeps its model's constraints is told at once just where nothing is found that breaks them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketbus.apis.codec import validate
from pocketbus.apis.codec.validate import Params, Validate, validator
from pocketbus.apis.model import Operation, Shape
from pocketbus.apis.service import Service
from pocketbus.apis.services import SERVICES
from pocketbus.emulator.errors import EngineError
from tests.property.fuzz import cases
from tests.property.inputs import draw_input
from tests.property.vocabulary import Vocabulary

NOTHING_HEARD = Vocabulary()


class Taking(Operation):
    """An operation whose input is a structure, so that what is deep in others' inputs is drawn as often as they are."""

    def __init__(self, structure: Shape) -> None:
        self.name, self.http, self._structure = structure.name, None, structure

    @property
    def input(self) -> Shape:
        return self._structure


def structures(shape: Shape) -> Iterator[Shape]:
    """Yield the structures of a shape that have members, itself included."""
    if shape.type == "structure":
        if shape.members:
            yield shape
        for member in shape.members:
            yield from structures(member.shape)
    elif shape.type in {"list", "map"}:
        yield from structures(shape.element)


def thorough(service: str, operation: Operation) -> Validate:
    """Return a validator that looks for what is wrong whether or not anything is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate, "_fits", lambda _shape: _never)
        return validator(service, operation)


def _never(_value: Any) -> bool:
    return False


def complaint(check: Validate, params: Params) -> str | None:
    try:
        check(params)
    except EngineError as error:
        return f"{error.name}: {error.message}"
    return None


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_what_fits_is_what_is_not_complained_about(service: Service) -> None:
    operations = (service.model.operations[name] for name in service.coverage().implemented)
    found = {shape.name: shape for operation in operations for shape in structures(operation.input)}
    takers = [Taking(shape) for shape in found.values()]
    validators = [(validator(service.name, taker), thorough(service.name, taker)) for taker in takers]

    @settings(max_examples=cases(100), deadline=None, suppress_health_check=[*HealthCheck])
    @given(data=st.data())
    def hold(data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(takers) - 1))
        params = draw_input(data.draw, service.name, takers[number], NOTHING_HEARD)
        at_once, one_by_one = validators[number]
        assert complaint(at_once, params) == complaint(one_by_one, params)

    hold()
