"""Checkout: what an order costs, how it is placed, how it is paid."""
