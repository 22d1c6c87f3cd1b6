"""What an engine is put together of, and what its life means for each component."""

from typing import Any, ClassVar


class Component:
    """Takes part in what happens to the whole engine; what does not concern a component, it leaves as it is here."""

    kept_as: ClassVar[str] = ""
    """The name of the component in an exported state; without one it is not in it."""

    def clear(self) -> None:
        """Forget what a reset forgets."""

    def rest(self) -> None:
        """Let go of what makes some things quicker and is in no exported state."""

    def kept(self) -> Any:
        """Return what belongs to the state, in a form that state/graph.py can write."""

    def keep(self, kept: Any) -> None:
        """Hold what `kept` told, and nothing else."""

    def standing(self) -> Any:
        """Tell what is under way, in a form that state/moment.py can write; None: nothing."""

    def stand(self, kept: Any) -> None:
        """Have that under way."""

    async def close(self) -> None:
        """Let go of what is open, when the engine stops."""
