"""What README.md promises, run whole on one simulated county. Not here: what one room can show by itself."""
