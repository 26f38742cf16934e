"""What every stand-in provider shares: values, input checks, differences, the provider protocol. No vendor in here."""
