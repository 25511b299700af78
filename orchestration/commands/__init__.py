"""What the commands do, one module per group of commands. Only orchestration.cli calls them."""
