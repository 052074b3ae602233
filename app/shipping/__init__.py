"""Where we deliver, and for how much."""
