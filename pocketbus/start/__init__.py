"""What happens before a server is ready: settings of neighbours, seeds, scripts."""
