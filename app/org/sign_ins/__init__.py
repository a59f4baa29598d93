"""Signing in: browsers with their rows, passwords, the second factor, invitations, and what slows guessing."""
