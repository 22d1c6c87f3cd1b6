"""The version of pocketbus, written here and nowhere else: a source checkout knows it without being installed.

Journals, clusters and documents of the state are of one version. Between releases a number behind `dev` counts up when
what was kept would lead elsewhere from now on: to other ids, say.
"""

VERSION = "0.1.0.dev2"
