"""Floor 1: the only room that may open a socket. Everything in it is asyncio, and failures are values."""
