"""What a test asks of the emulator in its own process, grouped by what it is about."""
