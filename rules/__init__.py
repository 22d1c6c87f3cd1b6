"""Content-based routing as a pure library: patterns, filter policies, transforms, schedules."""
