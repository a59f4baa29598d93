"""How the processes of one installation hang together."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

SUPERVISED = "KARTABL_SUPERVISED"
_PR_SET_PDEATHSIG = 1


def end_with_supervisor() -> None:
    """Have the kernel send us SIGTERM when the supervisor dies, even by kill -9.

    Does nothing for a process that was started by hand or by a service manager.
    """
    if os.environ.get(SUPERVISED) and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
