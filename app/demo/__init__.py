"""The demo shop: catalogue content, invented customers, orders and reviews."""
