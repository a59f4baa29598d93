"""No secret in the log: passwords, tokens, keys and codes are taken out of every record.

The filter sits in the factory of log records, so that it holds for every logger and every handler,
those of libraries too, and for the text of a traceback.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable
from typing import Any

GONE = "[removed]"
NAMES = (
    "password|conf_password|current_password|confirm_password|passwd|pwd|secret|token|access_token|refresh_token"
    "|csrf_token|api_key|apikey|otp|recovery_code|SECRET_KEY|JWT_SECRET_KEY|DATA_KEY"
)
RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {GONE}"),
    (re.compile(r"\bkbl_[A-Za-z0-9_-]{6,}"), GONE),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), GONE),
    (re.compile(rf"(?i)\b({NAMES})(['\"]?\s*[=:]\s*)('[^']*'|\"[^\"]*\"|[^\s&,;)}}\]]+)"), rf"\1\2{GONE}"),
    (re.compile(r"(?i)\b(set-)?cookie:\s*\S.*"), GONE),
    (re.compile(r"(/invitation/|/outside/|/c/)[A-Za-z0-9._~-]{8,}"), rf"\1{GONE}"),
    (re.compile(r"(://[^/\s:@]+:)[^@\s/]+@"), rf"\1{GONE}@"),
)
_MARK = "_kartabl_scrubs"


def scrub(text: str) -> str:
    """The text without what looks like a secret."""
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text


def install() -> None:
    """Clean every log record of this process from now on. Safe to repeat."""
    factory = logging.getLogRecordFactory()
    if not getattr(factory, _MARK, False):
        logging.setLogRecordFactory(_cleaning(factory))


def _cleaning(factory: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make(*args: Any, **options: Any) -> logging.LogRecord:
        record = factory(*args, **options)
        try:
            words = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit are no reason to lose the line
            words = f"{record.msg} {record.args!r}"
        record.msg, record.args = scrub(words), ()
        if record.exc_info and record.exc_info[0] is not None and not record.exc_text:
            record.exc_text = scrub("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
        return record

    setattr(make, _MARK, True)
    return make
