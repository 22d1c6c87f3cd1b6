"""The SQS model in the query protocol, which botocore had before it turned to JSON: for clients of the older kind."""

import json
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from pocketbus.apis.codec.query_names import SQS_ERRORS, SQS_NAMES, XML_NAMESPACES
from pocketbus.apis.model import ErrorShape

Raw = dict[str, Any]

_VERSION = "2012-11-05"


def write_query_model(folder: Path) -> None:
    """Write the model where botocore finds it once `AWS_DATA_PATH` names the folder."""
    path = folder / "sqs" / _VERSION / "service-2.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(query_model(Loader().load_service_model("sqs", "service-2", _VERSION))))


def query_model(model: Raw) -> Raw:
    metadata = {
        key: value
        for key, value in model["metadata"].items()
        if key not in {"jsonVersion", "targetPrefix", "awsQueryCompatible"}
    }
    return {
        **model,
        "metadata": {
            **metadata,
            "protocol": "query",
            "protocols": ["query"],
            "xmlNamespace": XML_NAMESPACES["sqs"],
        },
        "operations": {name: _operation(raw) for name, raw in model["operations"].items()},
        "shapes": {name: _shape(name, raw, model["shapes"]) for name, raw in model["shapes"].items()},
    }


def _operation(raw: Raw) -> Raw:
    if "output" not in raw:
        return raw
    return {**raw, "output": {**raw["output"], "resultWrapper": f"{raw['name']}Result"}}


def _shape(name: str, raw: Raw, shapes: Raw) -> Raw:
    if raw.get("exception"):
        error = SQS_ERRORS.get(name, ErrorShape(name, name))
        return {**raw, "error": {"code": error.code, "httpStatusCode": error.status, "senderFault": True}}
    named = _NAMED.get(raw["type"])
    return raw if named is None else {**raw, **named(name, raw, shapes)}


def _structure(_name: str, raw: Raw, shapes: Raw) -> Raw:
    members = {}
    for name, member in raw["members"].items():
        is_list = shapes[member["shape"]]["type"] == "list"
        wire_name = name if is_list else SQS_NAMES.members.get(name, name)
        members[name] = {**member, "locationName": wire_name}
    return {"members": members}


def _list(name: str, raw: Raw, _shapes: Raw) -> Raw:
    return {"flattened": True, "member": {**raw["member"], "locationName": SQS_NAMES.items[name]}}


def _map(name: str, raw: Raw, _shapes: Raw) -> Raw:
    key, value = SQS_NAMES.keys.get(name, ("Name", "Value"))
    return {
        "flattened": True,
        "key": {**raw["key"], "locationName": key},
        "value": {**raw["value"], "locationName": value},
    }


_NAMED = {"structure": _structure, "list": _list, "map": _map}
