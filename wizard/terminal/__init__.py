"""Floor 4: what a person at a terminal sees: prompters, the screen, the words of values, tables and views that are redrawn."""
