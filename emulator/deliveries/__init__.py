"""Deliveries: at once to what is here, by attempts to what lies behind a network."""
