"""What exists on the first day, what one month leaves to the next, and what has happened, for those who write it down."""
