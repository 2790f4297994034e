"""What people report when it does not connect: the real command against servers that behave so."""
