"""Puts the page and the metrics onto a server; what they need is loaded when somebody first asks for it."""

from starlette.types import ASGIApp

from pocketbus.apis.app import App, create_app
from pocketbus.apis.control.prefixes import METRICS
from pocketbus.apis.control.startup import Startup
from pocketbus.apis.mounted import Mounted
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.ids import token
from pocketbus.inspector.visit import ROOT

OFF, READ_ONLY, ON = MODES = ("off", "read-only", "on")


def create_inspected_app(
    engine: Engine, default_base_url: str, ui: str = ON, startup: Startup | None = None
) -> App:
    """Return the server as one application, with the page as `ui` has it, and with the metrics."""

    def make_pages() -> ASGIApp:
        from pocketbus.inspector.app import pages  # noqa: PLC0415

        return pages(app, token(), read_only=ui == READ_ONLY)

    def make_metrics() -> ASGIApp:
        from pocketbus.inspector.metrics import metrics  # noqa: PLC0415

        return metrics(engine, app)

    def make_journal() -> ASGIApp:
        from pocketbus.journal.paths import journal_app  # noqa: PLC0415

        return journal_app(engine)

    journal = Mounted(make_journal)
    mounted: dict[str, ASGIApp] = {METRICS: Mounted(make_metrics), "/_pocketbus/journal": journal}
    mounted["/_pocketbus/rewind"] = journal
    if ui != OFF:
        mounted[ROOT] = Mounted(make_pages)
    app = create_app(
        engine,
        default_base_url=default_base_url,
        startup=startup,
        mounted=mounted,
        home=None if ui == OFF else ROOT,
    )
    return app
