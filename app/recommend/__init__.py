"""What the shop suggests: similar products, what is trending, and why."""
