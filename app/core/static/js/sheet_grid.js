// The grid of a sheet: what `Grid` does for a document's lines, over a window of many rows. Edits go
// to `Edits`, so that they outlive the window and can be taken back.
import { Grid } from "./grid.js";

export const ROW = 35; // pixels with the line below; all rows are alike, so that places can be worked out

export class SheetGrid extends Grid {
  constructor(element, { window: list, edits, rights, columns, edited, ...rest }) {
    super(element, { ...rest, newRow: () => edits.newRow() });
    Object.assign(this, { list, edits, rights, edited_: edited });
    this.columns = new Map(columns.map((column) => [column.name, column]));
    this.handle = document.createElement("span");
    this.handle.className = "fill-handle";
    this.handle.addEventListener("mousedown", (event) => this.dragFill(event));
    this.ready().then(() => this.lighten());
  }

  /** Tabulator lays out all rows at every step of the cursor and hides the frame at every scroll: not with these many. */
  lighten() {
    const select = this.table.modules.selectRange;
    const { rowManager } = this.table;
    select.layoutElement = () => {
      const { vDomTop, vDomBottom } = rowManager.renderer;
      for (const row of rowManager.getDisplayRows().slice(vDomTop, vDomBottom + 1)) {
        select.layoutRow(row);
        row.cells.forEach((cell) => select.renderCell(cell));
      }
      for (const column of select.getTableColumns()) select.layoutColumn(column);
      select.layoutRanges();
    };
    const layout = select.layoutRanges.bind(select);
    select.layoutRanges = () => {
      try { layout(); } catch { return; } // the frame's rows are just being replaced
      if (!this.readOnly) select.activeRange?.element.append(this.handle);
    };
    let asked = 0;
    select.layoutChange = () => { cancelAnimationFrame(asked); asked = requestAnimationFrame(select.layoutRanges); };
  }

  get shown() { return this.table.rowManager.getDisplayRows().map((row) => row.data); }
  get holder() { return this.table.rowManager.element; }
  get firstVisible() { return Math.floor(this.holder.scrollTop / ROW); }

  /** Whether a cell may be changed: the column's right, the row's state, the related row's visibility. */
  opens(row, field) {
    const column = this.columns.get(field);
    if (!column || this.readOnly || row.deleted || row.frozen || row.locked.has(field)) return false;
    return row.id === null ? column.add : column.edit;
  }

  edit(cell, typed, event) {
    if (this.opens(cell.getRow().getData(), cell.getField())) super.edit(cell, typed, event);
  }

  edited(cell) {
    const row = cell.getRow().getData();
    const field = cell.getField();
    const before = cell.getOldValue() ?? "";
    if (before === row[field]) return;
    this.edits.did({ cells: [{ row, field, before, after: row[field] }] });
    this.edited_([row]);
    cell.getRow().reformat();
  }

  /** Many cells at once, as one step: [{row, field, value}]. Answers how many were closed. */
  put(cells, added = []) {
    const done = [];
    let closed = 0;
    for (const { row, field, value } of cells) {
      if (!this.opens(row, field)) { closed += 1; continue; }
      if (row[field] === value) continue;
      done.push({ row, field, before: row[field], after: value });
      row[field] = value;
    }
    this.edits.did({ cells: done, added });
    this.repaint();
    if (done.length || added.length) this.edited_([...new Set([...done.map((cell) => cell.row), ...added])]);
    return closed;
  }

  /** Show again what stands in the visible rows. */
  repaint() {
    const { vDomTop, vDomBottom } = this.table.rowManager.renderer;
    for (const row of this.table.rowManager.getDisplayRows().slice(vDomTop, vDomBottom + 1)) row.getComponent().reformat();
  }

  /** Put other rows into the grid; what was in view stays there, and so does the selected block. */
  async show({ top = null, select = null } = {}) {
    const before = this.shown;
    const kept = before[this.firstVisible]?.key;
    const delta = this.holder.scrollTop % ROW;
    const block = this.block();
    const ends = block && { from: before[block.top]?.key, to: before[block.bottom]?.key, ...block };
    const left = this.holder.scrollLeft;
    const rows = [...this.list.rows, ...(this.list.atEnd ? this.edits.added : [])];
    const places = new Map(rows.map((row, place) => [row.key, place]));
    this.moving = true;
    await this.table.replaceData(rows);
    const anchor = Math.min(top ?? places.get(kept) ?? 0, Math.max(0, rows.length - 1));
    this.table.rowManager.renderer._virtualRenderFill(anchor, true, 0); // now, and not at the next scroll
    this.holder.scrollTop = anchor * ROW + (top === null ? delta : 0);
    this.holder.scrollLeft = left;
    const fields = this.fields();
    if (select) this.choose(select.row, fields.indexOf(select.field) > 0 ? fields.indexOf(select.field) : 1);
    else if (ends && places.has(ends.from) && places.has(ends.to)) this.choose(places.get(ends.from), ends.left, places.get(ends.to), ends.right);
    this.moving = false;
  }

  /** Select a block by places. */
  choose(top, left, bottom = top, right = left) {
    const range = this.table.modules.selectRange.activeRange;
    if (!range) return;
    const last = Math.max(0, this.table.rowManager.getDisplayRows().length - 1);
    range.setStart(Math.min(top, last), left);
    range.setEnd(Math.min(bottom, last), right);
    this.table.modules.selectRange.layoutElement();
    this.holder.focus({ preventScroll: true });
  }

  reveal(place) {
    const height = this.holder.clientHeight;
    const at = place * ROW;
    if (at < this.holder.scrollTop || at + ROW > this.holder.scrollTop + height) this.holder.scrollTop = Math.max(0, at - height / 2);
  }

  moveTo(place, field) {
    this.reveal(place);
    this.choose(place, this.fields().indexOf(field));
  }

  /** The data and fields of the selected block. */
  selected() {
    const block = this.block();
    if (!block) return { rows: [], fields: [] };
    const fields = this.fields().slice(block.left, block.right + 1).filter((field) => this.columns.has(field));
    return { rows: this.shown.slice(block.top, block.bottom + 1), fields };
  }

  copied(cell) { return this.columns.has(cell.getField()) ? cell.getValue() ?? "" : ""; }

  clear() {
    const { rows, fields } = this.selected();
    this.put(rows.flatMap((row) => fields.map((field) => ({ row, field, value: "" }))));
  }

  addRow() {
    const place = this.table.rowManager.getDisplayRows().length;
    if (!this.rights.add || !this.list.atEnd) return place - 1;
    this.grow(1);
    return place;
  }

  /** New rows at the end, at once; they are one step with what is put into them. */
  grow(count) {
    const rows = Array.from({ length: count }, () => this.edits.newRow());
    this.edits.added.push(...rows);
    this.table.addData(rows);
    this.edits.did({ added: rows });
    this.edited_(rows);
    return rows;
  }

  /** Rows that were read from elsewhere, as deep as the block is, then new ones where the list ends. */
  async paste(block, { row, column }) {
    while (row + block.length > this.shown.length && await this.list.further()) {
      const key = this.shown[row].key;
      await this.show();
      row = this.shown.findIndex((one) => one.key === key);
    }
    const fields = this.fields().slice(column).filter((field) => this.columns.has(field));
    const missing = Math.max(0, row + block.length - this.shown.length);
    const added = this.rights.add ? Array.from({ length: missing }, () => this.edits.newRow()) : [];
    if (added.length) {
      this.edits.added.push(...added);
      this.table.addData(added);
    }
    const single = block.length === 1 && block[0].length === 1 ? block[0][0] : null;
    const target = this.selected();
    const rows = this.shown.slice(row, row + block.length);
    const cells = single !== null && target.rows.length * target.fields.length > 1
      ? target.rows.flatMap((one) => target.fields.map((field) => ({ row: one, field, value: this.read(field, single) })))
      : rows.flatMap((one, down) => block[down].slice(0, fields.length).map((text, along) => ({ row: one, field: fields[along], value: this.read(fields[along], text) })));
    const closed = this.put(cells, added);
    const width = Math.max(...block.map((line) => line.length));
    this.reveal(row);
    if (single === null) this.choose(row, column, row + rows.length - 1, column + Math.min(width, fields.length) - 1);
    this.element.dispatchEvent(new CustomEvent("pasted", {
      detail: { count: cells.length - closed, closed, wide: width > fields.length, left: missing - added.length },
    }));
  }

  read(field, text) { return (this.readers[field] ?? ((value) => value.trim()))(text); }

  /** The first row of the block goes into the others; one row alone takes the row above. */
  fillDown() {
    const block = this.block();
    const { fields } = this.selected();
    if (!block) return;
    const from = block.top === block.bottom ? block.top - 1 : block.top;
    if (from >= 0) this.fill(fields, { top: from, bottom: from }, from + 1, block.bottom);
  }

  fill(fields, source, first, last) {
    const rows = this.shown;
    const height = source.bottom - source.top + 1;
    const cells = [];
    for (let place = first; place <= last; place += 1) {
      const distance = place > source.bottom ? place - source.bottom - 1 : height - 1 - ((source.top - 1 - place) % height);
      const from = rows[source.top + (distance % height)];
      for (const field of fields) {
        cells.push({ row: rows[place], field, value: from[field] });
        if (from.names[field] && this.opens(rows[place], field)) rows[place].names[field] = from.names[field];
      }
    }
    this.put(cells);
  }

  dragFill(event) {
    event.preventDefault();
    event.stopPropagation();
    const source = this.block();
    const { fields } = this.selected();
    let last = source.bottom;
    let first = source.top;
    const move = (moved) => {
      const box = this.holder.getBoundingClientRect();
      if (moved.clientY > box.bottom - 12) this.holder.scrollTop += ROW;
      if (moved.clientY < box.top + 12) this.holder.scrollTop -= ROW;
      const place = Math.floor((moved.clientY - box.top + this.holder.scrollTop) / ROW);
      last = Math.min(Math.max(place, source.bottom), this.shown.length - 1);
      first = place < source.top ? Math.max(place, 0) : source.top;
      this.choose(first, source.left, last, source.right);
    };
    const end = () => {
      document.removeEventListener("mousemove", move);
      document.removeEventListener("mouseup", end);
      if (last > source.bottom) this.fill(fields, source, source.bottom + 1, last);
      else if (first < source.top) this.fill(fields, source, first, source.top - 1);
    };
    document.addEventListener("mousemove", move);
    document.addEventListener("mouseup", end);
  }
}
