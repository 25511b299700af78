"""What the simulated county has: staff, machines, and the catalogue of diseases that decides what happens."""
