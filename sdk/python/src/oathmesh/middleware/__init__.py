"""Middleware for services that verify for themselves: ``asgi`` and ``wsgi``."""

from .asgi import AsgiMiddleware
from .wsgi import WsgiMiddleware

__all__ = ["AsgiMiddleware", "WsgiMiddleware"]
