"""Lambda functions: what runs them, who invokes them, and the mappings by which queues do."""
