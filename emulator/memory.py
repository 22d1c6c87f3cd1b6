"""The process and its memory: how often the collector looks at it, and what goes back to the system."""

import gc


def spare_the_collector() -> None:
    """Look for cyclic garbage more rarely: waiting messages are many, live long and form no cycles.

    With Python's own thresholds a tenth of the time of a SendMessage goes into walking over them. A look at the young
    takes 2 ms, at their elders 10; all are looked at only after very many more have come to stay.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 5, 5_000)


def age_the_young() -> None:
    """Have the collector look at what is young while it is little.

    It counts what is made less what is let go of: where one takes the place of the other, the young become many, and
    the next look at them long.
    """
    gc.collect(1)


def give_back() -> None:
    """Give free memory back to the system, where the C library can: glibc keeps it for itself."""
    import ctypes  # noqa: PLC0415 - only for those who have deleted something

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
