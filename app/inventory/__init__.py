"""What lies on the shelf and what placed orders hold of it."""
