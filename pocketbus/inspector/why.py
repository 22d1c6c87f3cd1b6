"""Why not? Every rule or subscription asked about an event or a message, and the key that fails marked in it."""

from typing import Any

from pocketbus.inspector.client import Client, RefusedError
from pocketbus.inspector.text import kind_of, marked, parsed
from pocketbus.inspector.visit import Visit

_RECENT = 20


async def view(visit: Visit) -> dict[str, Any]:
    client = visit.client
    subject, text, place = visit.text("subject"), visit.text("event"), visit.text("place")
    context: dict[str, Any] = {
        "subject": subject,
        "event": text,
        "attributes": visit.text("attributes"),
        "place": place,
        "places": [(noun, await client.all(noun)) for noun in ("topics", "buses")],
        "recent": (await client.get("passed", limit=_RECENT))["passed"],
        "verdicts": None,
        "mistake": "",
    }
    try:
        if subject:
            context["verdicts"] = await _of_subject(client, subject)
        elif text and place:
            context["verdicts"] = await _of_text(client, text, place, visit.text("attributes"))
    except RefusedError as error:
        context["mistake"] = str(error)
    return context


async def _of_subject(client: Client, subject: str) -> list[dict[str, Any]]:
    verdicts = (await client.post("explain", subject=subject, limit=1000))["verdicts"]
    passed = (await client.get("passed", subject=subject))["passed"]
    asked = {one["resource"]: _asked(one) for one in passed}
    return [_with_mark(one, asked.get(one["source"])) for one in verdicts]


def _asked(passed: dict[str, Any]) -> Any:
    if "event" in passed:
        return passed["event"]
    attributes = {name: one["value"] for name, one in passed["attributes"].items()}
    return {"attributes": attributes, "body": parsed(passed["message"]) or passed["message"]}


async def _of_text(client: Client, text: str, place: str, attributes: str) -> list[dict[str, Any]]:
    if kind_of(place) == "topic":
        read = parsed(attributes) if attributes.strip() else {}
        if not isinstance(read, dict):
            raise RefusedError("The attributes are no JSON object.")
        answer = await client.post("explain", topic=place, message=text, attributes=read or None, limit=1000)
        asked: Any = {"attributes": read, "body": parsed(text) or text}
    else:
        answer = await client.post("explain", bus=place, event=text, limit=1000)
        asked = parsed(text)
    return [_with_mark(one, asked) for one in answer["verdicts"]]


def _with_mark(verdict: dict[str, Any], asked: Any) -> dict[str, Any]:
    """Add the lines of what was asked about to a verdict against it."""
    if verdict["matches"] or not verdict["path"] or asked is None:
        return {**verdict, "lines": None}
    if isinstance(asked, dict) and asked.keys() == {"attributes", "body"}:
        within = "attributes" if verdict["path"].split(".")[0] in asked["attributes"] else "body"
        body = asked["body"]
        if within == "body" and not isinstance(body, dict):
            within = "attributes"
        return {**verdict, "lines": marked(asked[within], verdict["path"])}
    return {**verdict, "lines": marked(asked, verdict["path"])}
