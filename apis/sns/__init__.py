"""Amazon SNS on the wire: its operations, grouped by noun. Importing `operations` fills the registry."""
