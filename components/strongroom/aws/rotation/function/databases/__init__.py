"""Databases: one file each."""
