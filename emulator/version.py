"""The version of pocketbus, written here and nowhere else: a source checkout knows it without being installed."""

VERSION = "0.1.0"
