"""What every rule shares: metadata, findings, settings, allow-lists, enforcement, and the adapter to CrossGuard."""
