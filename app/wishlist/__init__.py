"""What people want later, looked at lately, or wait for."""
