"""Seeds: files that name the resources a test begins with."""

from pathlib import Path

from msgspec.structs import replace

from pocketbus.controls.calls import Calls


class SeedControls(Calls):
    """Makes what a seed file names; docs/SEEDS.md has its forms."""

    def seed(self, path: str | Path) -> None:
        """Make what the file names, an account's in that account alone.

        Raise SeedingError, which names the place of each mistake, or SeedError; nothing has been made then.
        """
        from pocketbus.apis.seeds.applying import apply_seed  # noqa: PLC0415 - only who has seeds pays for it
        from pocketbus.start.reading import read_seed  # noqa: PLC0415 - same

        own = self._own_account
        entries = [replace(entry, account=own or entry.account) for entry in read_seed(Path(path)).entries]
        self.call(lambda engine: apply_seed(engine, entries, "http://localhost:4566"))
