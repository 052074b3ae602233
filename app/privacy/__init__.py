"""What people may ask of the shop about their own data: all of it as a file, and to be forgotten."""
