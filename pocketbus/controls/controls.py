"""All that a test asks of the emulator in its own process."""

from pocketbus.controls.clock import ClockControls
from pocketbus.controls.faults import FaultControls
from pocketbus.controls.logs import LogControls
from pocketbus.controls.looks import LookControls
from pocketbus.controls.seeds import SeedControls
from pocketbus.controls.state import StateControls
from pocketbus.controls.waits import WaitControls


class Controls(
    ClockControls, LookControls, LogControls, FaultControls, StateControls, SeedControls, WaitControls
):
    """The clock, looks, faults, the state and waits."""
