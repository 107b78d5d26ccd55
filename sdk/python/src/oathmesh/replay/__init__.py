"""Every token once. Spec 7."""
