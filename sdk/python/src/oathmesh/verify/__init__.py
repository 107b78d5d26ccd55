"""The fourteen steps. Spec 3."""
