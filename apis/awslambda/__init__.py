"""Lambda, as far as messages need it: functions, their invocation, and mappings from queues to them."""
