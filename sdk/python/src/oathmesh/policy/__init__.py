"""Policy in its JSON form, and what requests require of a token. Spec 9."""

from .compile import compile_rules
from .document import compile_document, load_policy
from .glob import compile_glob
from .policy import ALLOW_ALL, Policy, PolicyDecision
from .requirements import Requirements, compile_requirements

__all__ = [
    "ALLOW_ALL",
    "Policy",
    "PolicyDecision",
    "Requirements",
    "compile_document",
    "compile_glob",
    "compile_requirements",
    "compile_rules",
    "load_policy",
]
