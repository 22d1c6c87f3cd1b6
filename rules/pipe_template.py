"""EventBridge Pipes' input templates: paths and reserved variables stand in the text itself.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
"""

import json
import re
from collections.abc import Callable, Mapping

from pocketbus.rules import json_text
from pocketbus.rules.jsonpath import MISSING, JsonPath, compile_path
from pocketbus.rules.template import MAX_FILLED, Placeholder, Template, cut
from pocketbus.rules.value import Value

_PATH = r"\$(?:\.(?:[\w/-]+|\*)|\[(?:\d+|\*|'[^'\]>]*')\])*"
_VARIABLE = r"aws\.pipes\.[a-z.-]+"
_TOKEN = re.compile(rf'\\.|"|<({_PATH}|{_VARIABLE})>', re.DOTALL)
_DYNAMIC = re.compile(r"\$(?:\.[\w/-]+(?:\[(?:\d+|\*)\])*)+")

_EVENT, _EVENT_JSON = "aws.pipes.event", "aws.pipes.event.json"
VARIABLES = frozenset(
    f"aws.pipes.{name}"
    for name in (
        *("pipe-arn", "pipe-name", "source-arn", "enrichment-arn", "target-arn"),
        *("event.ingestion-time", "event", "event.json"),
    )
)


class InvalidTemplate(ValueError):
    """The text is no template."""


class Subject(Value):
    """What a template is filled from: an event with its encoded field decoded, and as the text that it came as.

    `is_json` tells whether that text is JSON; only then there is an `aws.pipes.event.json`.
    """

    event: object
    text: str
    is_json: bool = True


class PipeTemplate(Value):
    """A template that is JSON stays JSON: what stands within quotes is escaped there. Of one path, its value is all."""

    _template: Template
    _paths: Mapping[str, JsonPath]
    _is_json: bool

    def fill(self, subject: Subject, variables: Mapping[str, str]) -> str:
        """Return the text that an event makes. ValueError if a JSON template does not stay JSON, or is too long.

        >>> template = compile_template('{"id": <$.body.id>, "text": "order <$.body.id> of <$.body.who>"}')
        >>> template.fill(Subject({"body": {"id": 7, "who": 'the "boss"'}}, ""), {})
        '{"id":7,"text":"order 7 of the \\\\"boss\\\\""}'
        >>> compile_template("<$.body>").fill(Subject({"body": {"id": 7}}, ""), {})
        '{"id":7}'
        >>> compile_template("Order <$.body.id>").fill(Subject({"body": {"id": 7}}, ""), {})
        'Order 7'
        """
        parts = [
            piece if isinstance(piece, str) else self._form(piece, subject, variables)
            for piece in self._template.pieces
        ]
        if sum(map(len, parts)) > MAX_FILLED:
            raise ValueError("larger than any target takes")
        filled = "".join(parts)
        if self._is_json:
            filled = json_text.encode(json_text.decode(filled))
        return json_text.escape_surrogates(filled)

    def _form(self, piece: Placeholder, subject: Subject, variables: Mapping[str, str]) -> str:
        value = self._value(piece.name, subject, variables)
        if value is MISSING:
            return '""' if self._is_json and not piece.quoted else ""
        if self._is_json and not piece.quoted:
            return json_text.encode(value)
        text = value if isinstance(value, str) else json_text.encode(value)
        return json.dumps(text, ensure_ascii=False)[1:-1] if piece.quoted else str(text)

    def _value(self, name: str, subject: Subject, variables: Mapping[str, str]) -> object:
        if name == _EVENT:
            return subject.text
        if name == _EVENT_JSON:
            return subject.event if subject.is_json else MISSING
        path = self._paths.get(name)
        return variables.get(name, MISSING) if path is None else path.select(subject.event)


def compile_template(text: str) -> PipeTemplate:
    """Compile a template. InvalidTemplate for one that begins as JSON and is none, or names an unknown variable.

    >>> compile_template('{"a": <$.b>')
    Traceback (most recent call last):
    pocketbus.rules.pipe_template.InvalidTemplate: the template is not valid JSON at character 11
    """
    template = cut(text, _TOKEN)
    for name in template.names:
        if not name.startswith("$") and name not in VARIABLES:
            raise InvalidTemplate(f"<{name}> is no variable of pipes")
    is_json = template.is_text or text.lstrip().startswith(("{", "["))
    fault = template.fault() if is_json else None
    if fault is not None:
        raise InvalidTemplate(f"the template is not valid JSON at character {fault}")
    paths = {name: compile_path(name) for name in template.names if name.startswith("$")}
    return PipeTemplate(template, paths, is_json)


def dynamic(event: object) -> Callable[[str], object]:
    """Return what resolves a parameter against an event: one that is a path as a whole is what it selects, or MISSING.

    >>> dynamic({"body": {"group": 7}})("$.body.group"), dynamic({})("group")
    ('7', 'group')
    """

    def resolve(text: str) -> object:
        if not _DYNAMIC.fullmatch(text):
            return text
        value = compile_path(text).select(event)
        return value if value is MISSING or type(value) is str else _text(value)

    return resolve


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) else json_text.encode(value)
