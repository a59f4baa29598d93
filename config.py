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
    "office.attachments",
    "office.signatures",
    "crm.customers",
    "sales.catalog",
    "sales.documents",
    "sales.orders",
    "sales.proformas",
    "sales.dealers",
    "sales.production",
    "finance.invoices",
    "finance.years",
    "finance.cheques",
    "finance.settlement",
    "finance.print_settings",
    "finance.books",
    "finance.moadian",
    "finance.dealers",
    "org.company",
    "org.branches",
    "org.departments",
    "org.posts",
    "org.employees",
    "org.access",
    "office.edit_levels",
    "org.delegations",
    "org.exports",
    "org.api_keys",
    "org.webhooks",
    "org.sign_ins",
)


class Config:
    """The embedded default: SQLite and SqliteHuey in `KARTABL_DATA`."""

    DATA = Path(os.environ.get("KARTABL_DATA") or ROOT / "instance").resolve()
    HOST = os.environ.get("KARTABL_HOST", "127.0.0.1")
    PORT = int(os.environ.get("KARTABL_PORT", "8080"))
    REDIS_URL = os.environ.get("REDIS_URL", "")
    SQLALCHEMY_DATABASE_URI = os.environ.get("DATABASE_URL") or f"sqlite:///{DATA / 'kartabl.db'}"

    SQLALCHEMY_ENGINE_OPTIONS = {"hide_parameters": True}  # values would stand in the log of a failure

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
    FAB_PASSWORD_COMPLEXITY_ENABLED = True  # by our own rules, see org.sign_ins.passwords
    RATE_LIMITS = {
        "sign_in": "30 per minute",
        "password": "30 per minute",
        "api": "1200 per minute",
        "upload": "60 per minute",
        "public": "120 per minute",
        "missed": "10 per minute",  # public addresses that hold nothing
    }
    SETTINGS_FILE = os.environ.get("KARTABL_SETTINGS", "")  # further settings in Python, read after these
    PUBLIC_URL = os.environ.get("KARTABL_URL", "")  # how people outside reach us; printed on signed papers
    TRUSTED_PROXY = os.environ.get("KARTABL_TRUSTED_PROXY", "")  # whose X-Forwarded-For and -Proto are believed

    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_SECURE = os.environ.get("KARTABL_HTTPS", "") == "1"
    PERMANENT_SESSION_LIFETIME = timedelta(hours=float(os.environ.get("KARTABL_SESSION_HOURS", "12")))
    SESSION_IDLE = timedelta(minutes=float(os.environ.get("KARTABL_IDLE_MINUTES", "120")))
    SESSION_SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use of a browser is kept
    FRESH_PASSWORD_FOR = timedelta(minutes=10)  # sensitive acts ask for the password after that
    INVITATION_LIFETIME = timedelta(days=7)
    JWT_ACCESS_TOKEN_EXPIRES = timedelta(hours=1)
    WTF_CSRF_TIME_LIMIT = None
    WTF_CSRF_CHECK_DEFAULT = False  # core.web decides: everything but bearer-token API calls
    MAX_CONTENT_LENGTH = 64 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 4 * 1024 * 1024

    WEBHOOK_PRIVATE = os.environ.get("KARTABL_WEBHOOK_PRIVATE", "") == "1"  # else nothing inside this network is called
    PDF_ENGINE = os.environ.get("KARTABL_PDF_ENGINE", "auto")


class TestConfig(Config):
    """As the default, with no limits on how fast tests may sign in."""

    TESTING = True
    RATELIMIT_ENABLED = False
    AUTH_RATE_LIMITED = False
    SESSION_SEEN_EVERY = timedelta(days=1)  # a page that is only looked at then writes nothing at all
