"""Deliveries between engines that share the accounts: an attempt here is an input there, that is taken once."""
