"""What everything simulated stands on: calendar, random streams, arrays, texts, frames, the layout of the county."""
