"""The kartabl (کارتابل): the home page of everybody, filled by the inboxes of all features.

The page itself belongs to the kernel, since it knows no business; each box shows only what its
own subject lets the actor see.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Feature

FEATURE = Feature(name="office.kartabl", label=_l("My inbox"))
