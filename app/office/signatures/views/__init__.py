"""Screens of signatures."""
