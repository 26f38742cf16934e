"""Nothing stateful is lost by accident: changes that would lose something are found before the engine runs."""
