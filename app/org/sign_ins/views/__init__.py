"""Screens of signing in: the account, the second factor, invitations, the administrator's lists."""
