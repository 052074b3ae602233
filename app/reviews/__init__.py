"""What buyers say about products."""
