"""Draws in a terminal: prompters, the screen, tables, and the words of the values. Nothing here decides anything."""
