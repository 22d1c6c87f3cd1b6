"""Where a server's start is described: what `--init` names, and where neighbours' users put their files."""

from pathlib import Path

from msgspec import Struct, field

from pocketbus.apis.control.startup import STAGES
from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.start.scripts import is_script
from pocketbus.start.seed import Seed, folder_files
from pocketbus.start.text import is_data

SCRIPTS = "etc/localstack/init"
OWN = "etc/pocketbus/init"
CONFIGURATIONS = ("opt/elasticmq.conf", "conf/goaws.yaml", "app/conf/goaws.yaml")


class Plan(Struct):
    """All that a start does: what is applied and run before the server is ready, in order; scripts by their stage."""

    steps: list[Seed | Path] = field(default_factory=list)
    scripts: dict[str, list[Path]] = field(default_factory=lambda: {stage: [] for stage in STAGES})

    @property
    def _seeds(self) -> list[Seed]:
        return [step for step in self.steps if isinstance(step, Seed)]

    @property
    def settings(self) -> dict[str, tuple[str, str]]:
        """What the files of neighbours say of the server: options, each with its text and its file."""
        return {
            option: (text, str(seed.file.path))
            for seed in self._seeds
            for option, text in seed.settings.items()
        }

    @property
    def ports(self) -> list[int]:
        """Where the clients of the neighbours whose files these are look for the server."""
        return [port for seed in self._seeds for port in seed.ports]

    @property
    def notes(self) -> list[str]:
        """What of the files has no meaning here."""
        return [f"{seed.file.path}: {note}" for seed in self._seeds for note in seed.notes]

    @property
    def is_empty(self) -> bool:
        return not (self.steps or self.scripts["READY"])


def plan_of(init: Path | None, root: Path) -> Plan:
    """Read all files, so that a mistake in any is told before anything is made. Raise SeedingError."""
    plan = Plan()
    plan.steps = [_read(path) for name in CONFIGURATIONS if (path := root / name).is_file()]
    for folder in (root / OWN, init):
        if folder is not None and (folder is init or folder.is_dir()):
            plan.steps += _steps_of(folder)
    for stage in STAGES:
        folder = root / SCRIPTS / f"{stage.lower()}.d"
        if folder.is_dir():
            plan.scripts[stage] = [path for path in folder_files(folder) if is_script(path)]
    return plan


def _read(path: Path) -> Seed:
    # Who has no seed does not wait for what seeds need.
    from pocketbus.start.reading import read_seed  # noqa: PLC0415

    return read_seed(path)


def _steps_of(init: Path) -> list[Seed | Path]:
    if not init.exists():
        raise SeedingError(f"{init}: there is no such file or folder")
    if init.is_file():
        if not (is_data(init) or is_script(init)):
            raise SeedingError(f"{init}: a seed ends with .toml, .json, .yaml, .yml, .conf, .sh or .py")
        files = [init]
    else:
        files = folder_files(init)
    return [_read(path) if is_data(path) else path for path in files if is_data(path) or is_script(path)]
