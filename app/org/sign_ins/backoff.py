"""Guessing is slowed down for the guesser, not for the person whose name is tried.

Tries are counted by name and address: three are free, then each failure doubles the wait, up to a
quarter of an hour. A browser by which the person signed in before has a count of its own, so that
not even a colleague at the same address locks it out. Unknown names count as known ones do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app, request
from flask_babel import ngettext
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.core import clock, vault
from app.core.db import db, writing
from app.core.rate_limits import TooMany
from app.core.schedule import every
from app.org.sign_ins.devices import known_device
from app.org.sign_ins.models import FailedTries

FREE = 3
FREE_FOR_ADDRESS = 30
"""Failures at any names from one address: an office has many hands."""
FREE_CODES = 20
"""Wrong codes for one person from anywhere; whoever sends one knew the password."""
LONGEST_WAIT = 900
FORGOTTEN_AFTER = timedelta(days=1)


class Guess:
    """One try at a name: counted before it is looked at, so that many at once gain nothing."""

    def __init__(self, name: str, *, kind: str = "password") -> None:
        """Count the try. Raises TooMany while a wait is on; commits."""
        self._keys = _keys(name.strip().lower()[:256], kind)
        now = clock.now()
        with writing():
            for key, free in self._keys:
                _count(key, free, now)
            db.session.commit()

    def was_right(self) -> None:
        """Forget the failures; commits."""
        with writing():
            chosen = [key for key, _free in self._keys]
            db.session.execute(delete(FailedTries).where(FailedTries.key.in_(chosen)))
            db.session.commit()


def wait_after(count: int, free: int = FREE) -> int:
    """The seconds to wait after so many failures."""
    return 0 if count < free else min(2 ** min(count - free, 20), LONGEST_WAIT)


def _keys(name: str, kind: str) -> list[tuple[str, int]]:
    address = request.remote_addr or ""
    known = known_device(name)
    if known is not None:
        return [(_key(kind, name, f"device {known}"), FREE)]
    keys = [(_key(kind, name, address), FREE)]
    if kind == "code":
        keys.append((_key(kind, name, "anywhere"), FREE_CODES))
    else:
        keys.append((_key(kind, "", address), FREE_FOR_ADDRESS))
    return keys


def _key(kind: str, name: str, place: str) -> str:
    return vault.digest(f"{kind}\n{name}\n{place}", purpose="failed tries")


def _count(key: str, free: int, now: datetime) -> None:
    row = db.session.scalars(select(FailedTries).where(FailedTries.key == key).with_for_update()).first()
    if row is None:
        try:
            with db.session.begin_nested():
                db.session.add(FailedTries(key=key, count=1, last_at=now, until=now))
        except IntegrityError:  # another try came first
            _refuse(1)
        return
    if row.until > now:
        _refuse(int((row.until - now).total_seconds()) + 1)
    row.count = 1 if row.last_at < now - FORGOTTEN_AFTER else row.count + 1
    row.last_at, row.until = now, now + timedelta(seconds=wait_after(row.count, free))


def _refuse(seconds: int) -> None:
    db.session.rollback()
    current_app.logger.info("a sign-in from %s has to wait %d s", request.remote_addr, seconds)
    sentence = ngettext(
        "Too many tries. Try again in one second.", "Too many tries. Try again in %(num)s seconds.", seconds
    )
    raise TooMany(sentence, retry_after=seconds)


@every(cron="45 3 * * *")
def forget_old_tries() -> None:
    """Delete the counts of yesterday."""
    with writing():
        db.session.execute(delete(FailedTries).where(FailedTries.last_at < clock.now() - FORGOTTEN_AFTER))
        db.session.commit()
