"""The words that the sheet's script says, in the reader's language; `{name}` stands for a figure."""

from __future__ import annotations

from flask_babel import gettext as _


def sheet_words() -> dict[str, str]:
    """Sentence by name."""
    return {
        "saving": _("Saving…"),
        "saved": _("Saved."),
        "failed": _("Nothing was saved."),
        "offline": _("The server did not answer. Nothing is lost; try again."),
        "unsaved": _("{count} unsaved cells in {rows} rows"),
        "errors": _("{count} cells need correction"),
        "sum": _("Sum"),
        "average": _("Average"),
        "count": _("Count"),
        "rows": _("{count} rows"),
        "about": _("about {count} rows"),
        "at": _("about row {row}"),
        "hidden": _("— hidden —"),
        "frozen": _("In its present state this row cannot be changed here."),
        "closed": _("This cell cannot be changed here."),
        "pasted": _("{count} cells were pasted."),
        "skipped": _("{count} cells of the block fall on columns that cannot be changed and were left out."),
        "too_wide": _("The block is wider than the sheet; what did not fit was left out."),
        "no_new_rows": _("You have no right to add rows, so {count} rows of the block were left out."),
        "delete": _("Delete {count} rows when you save?"),
        "delete_ok": _("Delete"),
        "gone": _("This row was deleted, or you may no longer see it."),
        "mine": _("Mine"),
        "theirs": _("Theirs"),
        "row": _("Row {row}"),
        "changed_by": _("Changed by {name}"),
        "also_changed": _("Also changed there: {columns}"),
        "new_row": _("New row"),
    }
