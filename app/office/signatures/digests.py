"""What a signature is bound to: the document's data as it was, who signed, where and when.

The digest is keyed with the key of the history, which is not in the database: whoever changes a
document or a signature by raw SQL cannot make it fit again.
"""

from __future__ import annotations

from typing import Any

from app.core.seals import canonical, content_digest
from app.office.signatures.models import Signature
from app.office.signatures.registry import Signable, signable_of


def left_open(record: Any, how: Signable) -> str:
    """The columns that are empty now and may be filled after the signature."""
    return ",".join(sorted(name for name in how.later if getattr(record, name) is None))


def digest_of(record: Any, signature: Signature) -> bytes:
    """The digest of a signature over a document as it is now."""
    skip = (*record.__sealed_skip__, *filter(None, signature.left_open.split(",")))
    content = canonical(record, children=record.__sealed_children__, skip=skip)
    who = "|".join(
        str(part)
        for part in (
            signature.slot_id, signature.signer_id, signature.holder_id, signature.scan_id,
            signature.signed_at.isoformat(), signature.left_open,
        )
    )  # fmt: skip
    how = signable_of(record)
    assert how is not None  # only signable documents have signatures
    return content_digest(how.table, record.id, content + b"\x1f" + who.encode())


def holds(record: Any, signature: Signature) -> bool:
    """Whether document and signature are as they were when it was given."""
    try:
        return digest_of(record, signature) == signature.digest
    except (LookupError, ValueError, TypeError):  # a value that no road of ours could have written
        return False
