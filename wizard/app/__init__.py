"""Use cases: what the guided way and single commands do, as functions over values."""
