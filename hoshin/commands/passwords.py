"""Hashes and checks passwords (argon2id), makes random ones and the secret tokens of browsers and links."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from hoshin.errors import Problem, Refused

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
SHORTEST, LONGEST = 10, 200
_HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)

NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$I4C22zDiuK2kyql55SlEGw$6hfgNHVNTzNGwEnzBafKejof7u/OLK4bnBsEZ66y0s4"
"""A hash that nobody's password has; checked for unknown addresses, so that they take as long as known ones."""


def hash_password(*, password: str) -> str:
    """The argon2id hash of a password; raises Refused when the password is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(Problem(f"a password has {SHORTEST} to {LONGEST} characters", field="password"))
    return _HASHER.hash(password)


def is_password(*, password: str, password_hash: str | None) -> bool:
    """Whether the password fits the hash; without a hash it takes as long and is never right."""
    try:
        _HASHER.verify(password_hash or NOBODYS, password)
        return password_hash is not None
    except (Argon2Error, InvalidHashError):
        return False


def random_password() -> str:
    """A password of four groups of letters and figures that are hard to mistake for each other."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def password_from(*, secret: str, seed: str) -> str:
    """A password as `random_password` makes them, the same for the same two: so that it need not be kept anywhere."""
    letters, number = LETTERS, int.from_bytes(hmac.digest(secret.encode(), seed.encode(), "sha512"))
    drawn = []
    for _ in range(20):
        number, place = divmod(number, len(letters))
        drawn.append(letters[place])
    return "-".join("".join(drawn[first : first + 5]) for first in range(0, 20, 5))


def new_token() -> str:
    """A secret that cannot be guessed, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(*, token: str) -> str:
    """Tokens are kept hashed: who reads the database cannot sign in with it."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
