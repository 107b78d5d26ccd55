"""Revoked subjects. Spec 8."""
