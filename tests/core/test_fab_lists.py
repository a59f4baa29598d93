"""FAB's own lists (raw permissions) with arguments that nobody types: they may show less, they may not fail."""

from __future__ import annotations

from typing import Any

import pytest

LISTS = {
    "/roles/list/": "RoleModelView",
    "/permissions/list/": "PermissionModelView",
    "/permissionviews/list/": "PermissionViewModelView",
    "/viewmenus/list/": "ViewMenuModelView",
}
ARGUMENTS = (
    "page_{view}=https://example.org/",
    "page_{view}=-1",
    "page_{view}={large}",
    "psize_{view}=x",
    "psize_{view}=0",
    "psize_{view}={large}",
    "_flt_9_name=x",
    "_flt_0_name=%00",
    "_flt_0_nothing=x",
    "_flt_0_permission=x",
    "_flt_0_view_menu={large}",
    "_oc_{view}=nothing&_od_{view}=asc",
    "_oc_{view}=name;drop&_od_{view}=desc",
)


@pytest.mark.databases
@pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")
@pytest.mark.parametrize("path", LISTS)
def test_no_argument_brings_a_list_down(app: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # noqa: FBT003
    admin = as_user("admin")
    asked = [f"{path}?{one.format(view=LISTS[path], large='9' * 30)}" for one in ARGUMENTS]
    failed = [address for address in asked if admin.get(address).status_code >= 500]
    assert failed == []


def test_the_page_that_is_asked_for_is_shown(app: Any, as_user: Any, session: Any) -> None:
    admin = as_user("admin")
    pages = [admin.get(f"/permissions/list/?page_PermissionModelView={n}&psize_PermissionModelView=10") for n in (0, 1)]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].text != pages[1].text
