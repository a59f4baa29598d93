"""Signing in: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature
from app.org.sign_ins import setup
from app.org.sign_ins.models import Invitation, RecoveryCode, SecondFactor, SecondFactorDemand, SignIn
from app.org.sign_ins.views.account import AccountView
from app.org.sign_ins.views.invitation import InvitationView
from app.org.sign_ins.views.lists import SecondFactorDemandView, SignInView
from app.org.sign_ins.views.second_factor import CodeView, SecondFactorView

FEATURE = Feature(
    name="org.sign_ins",
    label=_l("Sign-ins"),
    category="org",
    entries=(
        Entry(SignInView, "Sign-ins", _l("Sign-ins"), "window-stack"),
        Entry(SecondFactorDemandView, "Second factor by role", _l("Second factor by role"), "shield-lock"),
        Entry(AccountView),
        Entry(SecondFactorView),
        Entry(CodeView),
        Entry(InvitationView),
    ),
    models=(SignIn, SecondFactor, SecondFactorDemand, RecoveryCode, Invitation),
    setup=setup.install,
)
