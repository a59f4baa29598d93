"""Secrets at rest: values that must be read again are encrypted, those that are only compared are digested.

Both use keys derived from the installation's `DATA_KEY`, one for each purpose, so that a copy of the
database without the key folder gives nothing away.
"""

from __future__ import annotations

import base64
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

NONCE_BYTES = 12


class Unreadable(RuntimeError):
    """The value was encrypted with another key, for another owner, or was changed."""


def encrypt(value: bytes, *, purpose: str, owner: str) -> str:
    """A text for the database that only `decrypt` with the same purpose and owner reads again."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_key(purpose)).encrypt(nonce, value, owner.encode())
    return base64.b64encode(nonce + sealed).decode()


def decrypt(text: str, *, purpose: str, owner: str) -> bytes:
    """What was encrypted. Raises Unreadable."""
    raw = base64.b64decode(text)
    try:
        return AESGCM(_key(purpose)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], owner.encode())
    except InvalidTag as error:
        raise Unreadable(f"{purpose} of {owner} cannot be read: was DATA_KEY changed?") from error


def digest(value: str, *, purpose: str) -> str:
    """A keyed digest (64 hex digits): equal for equal values, and not to be guessed without the key."""
    return hmac.new(_key(purpose), value.encode(), "sha256").hexdigest()


def _key(purpose: str) -> bytes:
    return _derived(str(current_app.config["DATA_KEY"]), purpose)


@lru_cache(maxsize=64)
def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"kartabl {purpose}".encode()).derive(secret.encode())
