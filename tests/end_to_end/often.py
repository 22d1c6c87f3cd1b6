"""pocketbus as its command is, but with a snapshot after every 500 inputs: a crash may come in the midst of one."""

import sys

from pocketbus.__main__ import main
from pocketbus.journal.opening import open_journal

if __name__ == "__main__":
    (open_journal.__kwdefaults__ or {})["snapshot_records"] = 500
    sys.exit(main())
