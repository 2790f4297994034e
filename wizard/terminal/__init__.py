"""What a person at a terminal sees: prompters, the screen, tables, live views, and the guided way drawn."""
