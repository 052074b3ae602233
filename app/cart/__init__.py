"""The bag: what somebody is about to buy."""
