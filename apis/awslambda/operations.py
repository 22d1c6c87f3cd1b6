"""The Lambda service with every operation registered."""

from pocketbus.apis.awslambda import (
    aliases,
    concurrency,
    functions,
    invoke,
    invoke_configs,
    mappings,
    permissions,
    tags,
    updates,
    versions,
)
from pocketbus.apis.awslambda.service import awslambda

__all__ = [
    "aliases",
    "awslambda",
    "concurrency",
    "functions",
    "invoke",
    "invoke_configs",
    "mappings",
    "permissions",
    "tags",
    "updates",
    "versions",
]
