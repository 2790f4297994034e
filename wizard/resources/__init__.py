"""Where the data files lie, how they are read, and the Jinja environment."""
