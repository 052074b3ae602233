"""The leaf: database, stores, languages, money, security; imports no other package of the shop."""
