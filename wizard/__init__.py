"""mail-wizard: from an e-mail address to good advice and working settings."""

__version__ = "0.1.0"
