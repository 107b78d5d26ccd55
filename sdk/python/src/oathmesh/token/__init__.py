"""The token: text, JSON, claims. Spec 1."""
