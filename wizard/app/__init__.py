"""Floor 3: the guided way, from an address to files, and the parts of it that single commands use."""
