// A spreadsheet-like grid over Tabulator that behaves in both directions of writing: arrow keys
// follow the eye, typing opens a cell, Enter and Tab go on, a block from Excel is pasted whole.
import { readClipboard, writeClipboard } from "./clipboard.js";

const OWN = { navNext: false, navPrev: false }; // Tab goes to the next cell that can be written, by ourselves
const MIRRORED = {
  navLeft: 39, navRight: 37,
  rangeJumpLeft: ["ctrl + 39", "meta + 39"], rangeJumpRight: ["ctrl + 37", "meta + 37"],
  rangeExpandLeft: "shift + 39", rangeExpandRight: "shift + 37",
  rangeExpandJumpLeft: ["ctrl + shift + 39", "meta + shift + 39"],
  rangeExpandJumpRight: ["ctrl + shift + 37", "meta + shift + 37"],
};

export class Grid {
  /** `build(grid)` returns Tabulator columns; `changed()` runs after every edit, paste or clear;
   *  `readers` turn pasted text into a column's value; `options` are more of Tabulator's. */
  constructor(element, { build, rows, newRow, changed, readers = {}, readOnly = false, options = {} }) {
    this.element = element;
    this.newRow = newRow;
    this.changed = changed;
    this.readers = readers;
    this.readOnly = readOnly;
    this.typed = null;
    this.quiet = false;
    this.held = null;
    const rtl = document.documentElement.dir === "rtl";
    this.table = new window.Tabulator(element, {
      data: rows,
      columns: build(this),
      index: "key",
      layout: "fitColumns",
      textDirection: rtl ? "rtl" : "ltr",
      selectableRange: 1,
      selectableRangeColumns: false,
      selectableRangeRows: false,
      editTriggerEvent: "dblclick",
      columnDefaults: { headerSort: false, resizable: "header" },
      keybindings: rtl ? { ...OWN, ...MIRRORED } : OWN,
      renderVertical: rows.length > 200 ? "virtual" : "basic",
      placeholder: element.dataset.empty || "",
      ...options,
    });
    this.table.on("cellEdited", (cell) => { if (!this.quiet) this.edited(cell); });
    element.addEventListener("keydown", (event) => this.holdKey(event), true);
    element.addEventListener("keydown", (event) => this.passEnter(event), true);
    element.addEventListener("keydown", (event) => this.onKey(event));
    element.addEventListener("paste", (event) => this.onPaste(event));
    element.addEventListener("copy", (event) => this.onCopy(event));
    element.addEventListener("cut", (event) => { this.onCopy(event); if (!this.isEditing()) this.clear(); });
  }

  /** A cell was edited by hand. */
  edited() { this.changed(); }

  ready() { return new Promise((resolve) => { this.table.on("tableBuilt", resolve); }); }
  get rows() { return this.table.getData(); }
  isEditing() { return Boolean(this.table.modules.edit.currentCell); }
  takeTyped() { const typed = this.typed; this.typed = null; return typed; }

  wayOf(event) {
    if (event.key === "Enter") return event.shiftKey ? "up" : "down";
    if (event.key === "Tab") return event.shiftKey ? "prev" : "next";
    return null;
  }

  /** From here until `release` keys wait, so that a fast hand or a scanner never writes in the cell left behind. */
  hold() { this.held ??= []; }

  holdKey(event) {
    if (!this.held || !event.isTrusted || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.wayOf(event) || event.key.length === 1) this.held.push({ key: event.key, shiftKey: event.shiftKey });
  }

  /** Enter on a cell that only shows goes on; Tabulator would try to open it and fail. */
  passEnter(event) {
    if (event.key !== "Enter" || this.isEditing()) return;
    const cell = this.activeCell();
    if (!cell || this.editable(cell.getColumn())) return;
    event.preventDefault();
    event.stopPropagation();
    this.select(event.shiftKey ? "up" : "down");
  }

  release() {
    const keys = this.held ?? [];
    this.held = null;
    while (keys.length && !this.held) {
      const { key, shiftKey } = keys.shift();
      const target = this.isEditing() ? document.activeElement : this.table.rowManager.element;
      if (this.isEditing() && key.length === 1) {
        target.value += key;
        target.dispatchEvent(new Event("input", { bubbles: true }));
      } else target.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
    }
    this.held?.push(...keys);
  }

  /** The person works elsewhere on the page by now; the cursor stays there. */
  isLeft() {
    const at = document.activeElement;
    return Boolean(at) && at !== document.body && !this.element.contains(at);
  }

  /** Move on after a committed edit; past the last cell a new row begins. */
  goOn(way) {
    this.hold();
    setTimeout(() => {
      if (this.isLeft()) this.held = [];
      else if (way === "up" || way === "down") {
        if (way === "down" && this.activePlace()?.row === this.table.getRows().length - 1) this.addRow();
        this.select(way);
      } else this.toEditable(way === "next" ? 1 : -1);
      this.release();
    }, 15);
  }

  select(way) {
    this.table.modules.selectRange.navigate(false, false, way);
    this.table.rowManager.element.focus({ preventScroll: true });
  }

  activeCell() {
    const cell = this.table.modules.selectRange.getActiveCell();
    return cell ? cell.getComponent() : null;
  }

  activePlace() {
    const cell = this.activeCell();
    if (!cell) return null;
    return { row: cell.getRow().getPosition() - 1, column: this.fields().indexOf(cell.getField()) };
  }

  fields() { return this.table.getColumns().map((column) => column.getField()); }
  editable(column) { return !this.readOnly && Boolean(column.getDefinition().editor); }
  /** The selected block as places: first and last row, first and last column. */
  block() {
    const range = this.table.modules.selectRange.activeRange;
    return range ? { top: range.top, bottom: range.bottom, left: range.left, right: range.right } : null;
  }

  toEditable(step) {
    const columns = this.table.getColumns();
    const place = this.activePlace();
    if (!place) return;
    let { row, column } = place;
    do {
      column += step;
      if (column >= columns.length) { column = 0; row += 1; }
      if (column < 0) { column = columns.length - 1; row -= 1; }
    } while (!this.editable(columns[column]));
    if (row < 0) return;
    if (row >= this.table.getRows().length) this.addRow();
    this.moveTo(row, columns[column].getField());
  }

  moveTo(row, field) {
    const cell = this.table.getRows()[row]?.getCell(field);
    if (!cell) return;
    this.table.modules.selectRange.resetRanges().setBounds(cell._cell);
    this.table.rowManager.element.focus({ preventScroll: true });
    cell.getElement().scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  addRow() {
    const rows = this.table.getData();
    this.table.addRow(this.newRow(rows.length));
    return this.table.getRows().length - 1;
  }

  removeActive() {
    const cell = this.activeCell();
    if (!cell || this.readOnly) return;
    cell.getRow().delete();
    if (this.table.getRows().length === 0) this.addRow();
    this.changed();
  }

  onKey(event) {
    if (this.isEditing() || event.defaultPrevented) return;
    const cell = this.activeCell();
    if (!cell || this.readOnly) return;
    if (event.key === "Tab") {
      const edge = this.activePlace();
      if (edge && !(event.shiftKey && edge.row === 0 && edge.column <= 1)) {
        event.preventDefault();
        event.stopPropagation();
        this.toEditable(event.shiftKey ? -1 : 1);
      }
    } else if (event.key === "F2") this.edit(cell, null, event);
    else if (event.ctrlKey && event.key === "Delete") { event.preventDefault(); this.removeActive(); }
    else if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); this.clear(); }
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) this.edit(cell, event.key, event);
  }

  edit(cell, typed, event) {
    if (!this.editable(cell.getColumn())) return;
    event.preventDefault();
    this.typed = typed;
    cell.edit(true);
  }

  clear() {
    this.together(() => {
      for (const range of this.table.getRanges()) {
        for (const cell of range.getCells().flat()) if (this.editable(cell.getColumn())) cell.setValue("");
      }
    });
  }

  /** Many changes as one. */
  together(work) {
    this.quiet = true;
    try { work(); } finally { this.quiet = false; }
    this.changed();
  }

  /** What a cell gives to the clipboard. */
  copied(cell) { return cell.getValue() ?? ""; }

  onCopy(event) {
    if (this.isEditing()) return;
    const range = this.table.getRanges()[0];
    if (!range) return;
    writeClipboard(event.clipboardData, range.getStructuredCells().map((cells) => cells.map((cell) => this.copied(cell))));
    event.preventDefault();
  }

  onPaste(event) {
    if (this.isEditing() || this.readOnly) return;
    const block = readClipboard(event.clipboardData);
    const place = this.activePlace();
    if (!block.length || !place) return;
    event.preventDefault();
    this.paste(block, place);
  }

  /** Put a block at a place, growing rows; read-only columns are passed over. */
  paste(block, { row, column }) {
    const fields = this.fields().slice(column).filter((field) => field && this.editable(this.table.getColumn(field)));
    const missing = row + block.length - this.table.getRows().length;
    for (let i = 0; i < missing; i += 1) this.addRow();
    this.together(() => {
      const rows = this.table.getRows();
      block.forEach((cells, down) => {
        cells.slice(0, fields.length).forEach((value, along) => {
          const read = this.readers[fields[along]] ?? ((text) => text.trim());
          rows[row + down].getCell(fields[along]).setValue(read(value));
        });
      });
    });
    this.element.dispatchEvent(new CustomEvent("pasted", { detail: { row, count: block.length } }));
  }

  /** Mark the cells of errors: [{row, field, message}]. */
  mark(errors) {
    for (const row of this.table.getRows()) {
      for (const cell of row.getCells()) {
        const element = cell.getElement();
        if (element.classList.contains("cell-bad")) {
          element.classList.remove("cell-bad");
          element.removeAttribute("title");
          element.removeAttribute("aria-invalid");
        }
      }
    }
    for (const { row, field, message } of errors) {
      const element = this.table.getRows()[row]?.getCell(field)?.getElement();
      if (!element) continue;
      element.classList.add("cell-bad");
      element.title = message;
      element.setAttribute("aria-invalid", "true");
    }
  }
}
