"""Who lives in the simulated county, under which names and numbers, and how clerks miswrite them."""
