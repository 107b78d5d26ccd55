"""Minting: one token per call. Spec 13.2."""
