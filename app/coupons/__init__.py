"""Discount codes and their uses."""
