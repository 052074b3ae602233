"""Behaviour: what shoppers look at, put into the bag and buy, on its way from Redis to MongoDB."""
