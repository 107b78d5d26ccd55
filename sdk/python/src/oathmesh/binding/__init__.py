"""Request binding. Spec 6."""

from .request_hash import BINDING_MODES, request_hash

__all__ = ["BINDING_MODES", "request_hash"]
