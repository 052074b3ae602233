"""Orders and what happens to them: payment, delivery, refund, return."""
