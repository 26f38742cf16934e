"""Pull requests: which stacks a change touches, what it does to them, and the comment that says so."""
