"""What a password costs whoever guesses it: the tests make it cheap, the product does not."""

from __future__ import annotations

from argon2 import PasswordHasher

from hoshin.commands.passwords import NOBODYS, is_password


def test_a_guess_is_dear_and_an_unknown_address_costs_as_much_as_a_wrong_password(true_hasher: PasswordHasher) -> None:
    made = true_hasher.hash("five plain words for us")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert NOBODYS.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password(password="five plain words for us", password_hash=made)
    assert not is_password(password="five plain words for you", password_hash=made)
