"""`pocketbus demo`: tells the stories against a server of their own."""

import argparse
from collections.abc import Sequence

from pocketbus import demo
from pocketbus.embedded import Emulator


def main(arguments: Sequence[str]) -> int:
    """Tell the stories; return 1 when one does not come out as it should."""
    argparse.ArgumentParser(
        prog="pocketbus demo",
        description="Start a server on a free port and show, with boto3, a fan-out with a dead letter, "
        "content-based routing and a FIFO queue. Exit status 1 if anything is not as expected.",
    ).parse_args(arguments)
    try:
        import boto3  # noqa: F401, PLC0415 - an optional extra
    except ImportError:
        print("pocketbus demo needs boto3: pip install 'pocketbus[demo]'")
        return 1
    with Emulator() as emulator:
        print(f"pocketbus listens on {emulator.url}")
        stage = demo.Stage(emulator)
        try:
            for story in demo.STORIES:
                story(stage)
        except demo.UnexpectedError as surprise:
            print(f"   NOT AS EXPECTED  {surprise}")
            return 1
    print("\nEverything came out as it should.")
    return 0
