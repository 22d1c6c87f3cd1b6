"""EventBridge Pipes: from a source through filters, an enrichment and templates to a target."""
