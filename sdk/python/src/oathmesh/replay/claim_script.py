"""The script that checks and records, the same text as the gateway's."""

from __future__ import annotations

import hashlib

# KEYS: record, epoch and, where revocation is asked about, the list. ARGV: milliseconds, subject.
# Replies `revoked`, `seen`, or the mark of the epoch (nil without one) once the use is recorded.
CLAIM_SCRIPT = """
if KEYS[3] and redis.call('HGET', KEYS[3], ARGV[2]) then return 'revoked' end
if not redis.call('SET', KEYS[1], '1', 'PX', ARGV[1], 'NX') then return 'seen' end
return redis.call('GET', KEYS[2])"""

#: The name under which Redis keeps the script.
CLAIM_SCRIPT_SHA = hashlib.sha1(CLAIM_SCRIPT.encode(), usedforsecurity=False).hexdigest()
