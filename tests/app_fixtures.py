"""Fixtures of the application: written once create_app starts."""
