"""One month put together: what happens in it, and what is written down afterwards."""
