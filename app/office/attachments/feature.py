"""Files and notes of every record: the manifest.

It grants nothing: whoever may open a record sees what hangs on it, and whoever may edit it adds to it.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core import ports
from app.core.feature import Entry, Feature
from app.office.attachments import upkeep
from app.office.attachments.api import AttachmentApi
from app.office.attachments.models import Attachment, Note
from app.office.attachments.panel import panel_of
from app.office.attachments.views import AttachmentView


def _setup(_app: Flask) -> None:
    ports.below_record.register(panel_of)
    upkeep.install()


FEATURE = Feature(
    name="office.attachments",
    label=_l("Files and notes"),
    entries=(Entry(AttachmentView),),
    apis=(AttachmentApi,),
    models=(Attachment, Note),
    setup=_setup,
)
