"""Just after midnight, and made up for after a pause: offers whose last day has passed expire."""

from __future__ import annotations

from sqlalchemy import select

from app.core.actor import acting_as
from app.core.clock import today
from app.core.db import db, writing
from app.core.schedule import every
from app.sales.proformas.kinds import OFFERED
from app.sales.proformas.models import Proforma
from app.sales.proformas.services import open_proforma
from app.sales.proformas.workflow import LEDGER, flow_of

AT_ONCE = 100


@every(cron="2 0 * * *")
def expire_proformas() -> int:
    """Offers without an answer that stood until yesterday at the latest; how many expired."""
    query = select(Proforma.id).where(Proforma.valid_until < today(), Proforma.state.in_(OFFERED))
    found = list(db.session.scalars(query))
    db.session.rollback()
    return sum(_expire(found[start : start + AT_ONCE]) for start in range(0, len(found), AT_ONCE))


def _expire(ids: list[int]) -> int:
    count = 0
    with writing(), acting_as(LEDGER):
        for proforma_id in ids:
            proforma = open_proforma(proforma_id, for_change=True)
            if proforma.state in OFFERED and proforma.valid_until < today():  # somebody may have been quicker
                flow_of(proforma).apply(proforma, "expire", actor=LEDGER)
                count += 1
        db.session.commit()
    return count
