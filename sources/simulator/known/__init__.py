"""What is known of the simulated county whatever is delivered: true indicators, policy that fits, the county folder."""
