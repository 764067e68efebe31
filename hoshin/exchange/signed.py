"""Signs the one thing that a link may do without signing in: ending the mail of one person."""

from __future__ import annotations

import hashlib
import hmac

_PURPOSE = "end the mail of"


def sign_person(*, secret: str, person_id: int) -> str:
    """A token for an address; nobody without the secret can make one for somebody else."""
    mac = hmac.new(secret.encode(), f"{_PURPOSE} {person_id}".encode(), hashlib.sha256).hexdigest()
    return f"{person_id}-{mac}"


def read_person(*, secret: str, token: str) -> int | None:
    """The person that a token is for, or None when it is not genuine."""
    text = token.partition("-")[0]
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    person = int(text)
    if not hmac.compare_digest(sign_person(secret=secret, person_id=person).encode(), token.encode()):
        return None
    return person
