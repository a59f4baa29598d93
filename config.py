"""Settings per environment and the ordered list of features. Values only.

Every setting comes from the environment and has a working default; `KARTABL_DATA` is the folder
of the database, files, spool and keys.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent

FEATURES = (
    "office.kartabl",
    "crm.customers",
    "sales.catalog",
    "finance.invoices",
    "org.company",
    "org.departments",
    "org.posts",
    "org.employees",
    "org.delegations",
    "org.exports",
)


class Config:
    """The embedded default: SQLite and SqliteHuey in `KARTABL_DATA`."""

    DATA = Path(os.environ.get("KARTABL_DATA") or ROOT / "instance").resolve()
    HOST = os.environ.get("KARTABL_HOST", "127.0.0.1")
    PORT = int(os.environ.get("KARTABL_PORT", "8080"))
    REDIS_URL = os.environ.get("REDIS_URL", "")
    SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or f"sqlite:///{DATA / 'kartabl.db'}"

    APP_NAME = "Kartabl"
    LANGUAGES = {"fa": {"flag": "ir", "name": "فارسی"}, "en": {"flag": "gb", "name": "English"}}
    BABEL_DEFAULT_LOCALE = "fa"
    BABEL_DEFAULT_TIMEZONE = "Asia/Tehran"
    BABEL_TRANSLATION_DIRECTORIES = str(ROOT / "babel")

    AUTH_TYPE = 1
    AUTH_ROLE_ADMIN = "Admin"
    AUTH_ROLE_PUBLIC = "Public"
    AUTH_RATE_LIMITED = True
    AUTH_RATE_LIMIT = "10 per 20 second"
    RATELIMIT_ENABLED = True
    RATELIMIT_STORAGE_URI = REDIS_URL or "memory://"
    FAB_CREATE_DB = False  # the schema comes from migrations only
    FAB_UPDATE_PERMS = False  # permissions are written by `init` and `sync-roles`, not at each start
    FAB_ADD_SECURITY_API = False
    FAB_API_KEY_ENABLED = True
    FAB_API_KEY_PREFIXES = ["kbl_"]
    FAB_API_SWAGGER_UI = False
    FAB_API_MAX_PAGE_SIZE = 200
    FAB_PASSWORD_COMPLEXITY_ENABLED = True

    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_SECURE = os.environ.get("KARTABL_HTTPS", "") == "1"
    PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
    JWT_ACCESS_TOKEN_EXPIRES = timedelta(hours=1)
    WTF_CSRF_TIME_LIMIT = None
    WTF_CSRF_CHECK_DEFAULT = False  # core.web decides: everything but bearer-token API calls
    MAX_CONTENT_LENGTH = 64 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 4 * 1024 * 1024

    PDF_ENGINE = os.environ.get("KARTABL_PDF_ENGINE", "auto")


class TestConfig(Config):
    """As the default, with no limits on how fast tests may sign in."""

    TESTING = True
    RATELIMIT_ENABLED = False
    AUTH_RATE_LIMITED = False
    BCRYPT_LOG_ROUNDS = 4
