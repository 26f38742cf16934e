"""Rotation of Secrets Manager's secrets: rules, and a rotation function of our own."""
