"""The words of the field as frozen dataclasses. No file, no socket, no clock."""
