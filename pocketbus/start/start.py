"""Carries a plan out: scripts before the server listens, the seed once it does, scripts when it ends."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from pocketbus.apis.control.startup import Script, Startup
from pocketbus.apis.seeds.errors import SeedingError
from pocketbus.emulator.engine import Engine
from pocketbus.emulator.state.document import export_state, import_state
from pocketbus.start.places import Plan
from pocketbus.start.scripts import Runner, script_environment
from pocketbus.start.seed import Seed, told


class Start:
    """The start of one server; `startup` is what it shows of itself meanwhile, `url` where scripts find it."""

    def __init__(self, plan: Plan, engine: Engine, url: str, variables: Mapping[str, str]) -> None:
        self.startup = Startup(ready=plan.is_empty, variables=variables, seed=self.seed)
        self.url = url
        self.ending = False
        """Whether scripts are to be ended rather than waited for."""
        self._plan = plan
        self._engine = engine
        self._scripts = {
            path: Script(stage, path.name) for stage, paths in plan.scripts.items() for path in paths
        }
        self._scripts |= {step: Script("READY", step.name) for step in plan.steps if isinstance(step, Path)}
        self.startup.scripts.extend(self._scripts.values())
        self._seeding = asyncio.Lock()

    def before_listening(self) -> None:
        """Run the scripts of the first two stages; one that fails does not keep the others from running."""
        for stage in ("BOOT", "START"):
            for path in self._plan.scripts[stage]:
                self._runner.run_at_once(path, self._scripts[path])
            self.startup.completed[stage] = True

    async def seed(self) -> None:
        """Apply the files and run the scripts. Raise SeedingError, with everything as it was before."""
        async with self._seeding:
            self.startup.ready = False
            before = export_state(self._engine, references=True)
            try:
                for step in self._plan.steps:
                    await self._take(step)
                await self._run("READY")
            except SeedingError:
                import_state(self._engine, before, references=True)
                raise
            finally:
                self.startup.ready = True

    async def before_ending(self) -> None:
        """Run the scripts of the last stage, while the server still serves."""
        async with self._seeding:
            self.ending = False
        await self._run("SHUTDOWN")

    @property
    def _runner(self) -> Runner:
        config = self._engine.config
        environment = script_environment(self.url, config.account, config.region, os.environ)
        return Runner(environment, lambda: self.ending)

    async def _take(self, step: Seed | Path) -> None:
        if isinstance(step, Path):
            if not await self._runner.run(step, self._scripts[step]):
                raise SeedingError(f"{step}: the script failed, so the server is not seeded")
            return
        # Who has no seed does not wait for what seeds need.
        from pocketbus.apis.seeds.applying import apply_seed  # noqa: PLC0415
        from pocketbus.apis.seeds.section import SeedError  # noqa: PLC0415

        try:
            apply_seed(self._engine, step.entries, self.url)
        except SeedError as error:
            raise told(error.mistakes) from error

    async def _run(self, stage: str) -> None:
        for path in self._plan.scripts[stage]:
            await self._runner.run(path, self._scripts[path])
        self.startup.completed[stage] = True
