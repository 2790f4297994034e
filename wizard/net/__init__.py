"""The only room that may open a socket. Everything in it is asyncio, and failures are values."""
