"""The wire room: bytes in, bytes out."""
