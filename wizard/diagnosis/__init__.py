"""Why does it not connect? A ladder is climbed to each server, and what was seen becomes findings."""
