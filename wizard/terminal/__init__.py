"""Floor 4: what a person at a terminal sees: the screen, the words of values, tables and views that are redrawn."""
