"""Mails and other side effects: written with the business, delivered by the worker."""
