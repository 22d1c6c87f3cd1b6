"""Writes apis/models/*.json: the AWS service models of the installed botocore, without prose and unused traits."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

MODELS = Path(__file__).resolve().parent.parent / "apis" / "models"
VERSIONS = {
    "sqs": "2012-11-05",
    "sns": "2010-03-31",
    "events": "2015-10-07",
    "sts": "2011-06-15",
    "scheduler": "2021-06-30",
    "lambda": "2015-03-31",
    "pipes": "2015-10-07",
}
"""The services that are served, by the names that requests are signed for."""

_METADATA = ("protocol", "serviceId", "jsonVersion", "targetPrefix", "xmlNamespace")
_SHAPE = (
    "type",
    "required",
    "key",
    "value",
    "member",
    "min",
    "max",
    "pattern",
    "enum",
    "sensitive",
    "payload",
)
_ERROR = ("exception", "error", "fault")


def stripped(service: str) -> dict[str, Any]:
    """Return one service's model as the wire room reads it."""
    model = Loader().load_service_model(service, "service-2", VERSIONS.get(service))
    is_rest = model["metadata"]["protocol"].startswith("rest-")
    return {
        "metadata": _only(_METADATA, model["metadata"]),
        "operations": {
            name: _operation(operation, is_rest=is_rest) for name, operation in model["operations"].items()
        },
        "shapes": {name: _shape(shape) for name, shape in model["shapes"].items()},
    }


def _operation(operation: Mapping[str, Any], *, is_rest: bool) -> dict[str, Any]:
    kept: dict[str, Any] = {
        side: operation[side]["shape"] for side in ("input", "output") if side in operation
    }
    if is_rest:
        http = operation["http"]
        kept["http"] = [http["method"], http["requestUri"], http.get("responseCode", 200)]
    return kept


def _shape(shape: Mapping[str, Any]) -> dict[str, Any]:
    kept = _only((*_SHAPE, *_ERROR), shape)
    if "locationName" in shape.get("key", {}):
        kept["entry"] = [shape[side]["locationName"] for side in ("key", "value")]
    for reference in ("key", "value", "member"):
        if reference in kept:
            kept[reference] = kept[reference]["shape"]
    if shape.get("members"):
        kept["members"] = {name: _member(name, member) for name, member in shape["members"].items()}
    return kept


def _member(name: str, member: Mapping[str, Any]) -> Any:
    """Return the name of a member's shape and, where it does not travel in the body, its place and name there."""
    if "location" not in member:
        return member["shape"]
    return [member["shape"], member["location"], member.get("locationName", name)]


def _only(keys: Iterable[str], source: Mapping[str, Any]) -> dict[str, Any]:
    return {key: source[key] for key in keys if key in source}


def rendered(service: str) -> str:
    """Return the text of one service's file: one shape or operation a line, so that differences read well."""
    model = stripped(service)
    sections = []
    for section, content in model.items():
        lines = ",\n".join(f"{json.dumps(key)}:{_compact(value)}" for key, value in content.items())
        sections.append(f"{json.dumps(section)}:{{\n{lines}\n}}")
    return "{" + ",\n".join(sections) + "}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> int:
    """Write the models of the services named, or of all."""
    for service in sys.argv[1:] or VERSIONS:
        (MODELS / f"{service}.json").write_text(rendered(service), encoding="utf-8")
        print(f"apis/models/{service}.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
