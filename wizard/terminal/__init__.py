"""Floor 4: what a person at a terminal sees: prompters, the screen, words of values, tables and live views."""
