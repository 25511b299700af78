"""Page templates (Jinja). No script, no font, no picture from anywhere else."""
