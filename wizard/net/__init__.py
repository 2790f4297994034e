"""Floor 1: the only room that may open a socket. Empty until the first source that needs the network."""
