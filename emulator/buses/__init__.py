"""Event buses: rules, targets, archives, and where API destinations lead."""
