"""The state: exported, imported, reset, and kept under names."""

from collections.abc import Mapping
from typing import Any

from pocketbus.controls.calls import Calls
from pocketbus.emulator.state.document import (
    Part,
    export_state,
    import_state,
    reset_state,
    restore_snapshot,
    save_snapshot,
)


class StateControls(Calls):
    """Takes the state out, brings it back, forgets it."""

    def export_state(
        self, *, account: str | None = None, region: str | None = None, service: str | None = None
    ) -> dict[str, Any]:
        """Return the state, or a part of it, as an object for JSON."""
        part = Part(account or self._own_account, region, service)
        return self.call(lambda engine: export_state(engine, part))

    def import_state(self, document: Mapping[str, Any]) -> None:
        """Put what was exported in the place of what is there. Raise StateError, and change nothing."""
        self.call(lambda engine: import_state(engine, document, self._own_account))

    def reset(
        self, *, account: str | None = None, region: str | None = None, service: str | None = None
    ) -> None:
        """Forget every resource, message and fault, or those of a part; the clock stays as it is."""
        part = Part(account or self._own_account, region, service)
        self.call(lambda engine: reset_state(engine, part))

    def save(self, name: str) -> None:
        """Keep the state under a name. Raise SnapshotError."""
        part = Part(self._own_account)
        self.call(lambda engine: save_snapshot(engine, name, part))

    def restore(self, name: str) -> None:
        """Bring back the state that was saved under a name. Raise ResourceNotFoundError."""
        self.call(lambda engine: restore_snapshot(engine, name, self._own_account))

    def snapshots(self) -> list[str]:
        """Return the names under which states are kept, the oldest first."""
        return self.call(lambda engine: [one.name for one in engine.snapshots.of(self._own_account)])

    def delete_snapshot(self, name: str) -> None:
        """Let go of the state that was saved under a name. Raise ResourceNotFoundError."""
        self.call(lambda engine: engine.snapshots.delete(name, self._own_account))
