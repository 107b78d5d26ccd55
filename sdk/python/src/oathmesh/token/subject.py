"""The subject grammar. Spec 1.4."""

from __future__ import annotations

import re

_SUBJECT = re.compile(r"(?:agent|svc|job|tool|user)://[a-zA-Z0-9/_.-]{1,256}")


def is_subject(text: str) -> bool:
    """Whether ``sub`` has the one form that issuers may mint and verifiers accept."""
    return _SUBJECT.fullmatch(text) is not None
