"""What goes wrong with a seed as a whole."""


class SeedingError(Exception):
    """The seed could not be applied; the text says where and why, a line for each mistake."""
