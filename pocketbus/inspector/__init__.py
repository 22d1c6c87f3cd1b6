"""The page and the metrics. What the page shows and does, it asks of the server as any script could."""
