"""The stripped service models; scripts/strip_models.py writes them."""
