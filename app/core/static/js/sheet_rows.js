// The rows of a sheet as the browser holds them: a window of stored rows that moves over the list,
// new rows at its end, what was changed, and the way back.

const CHUNKS = 5;
const SIZE = 200;

/** A stored row as the grid shows it; `base` is what the server has. */
function rowOf(wire, fields) {
  const base = Object.fromEntries(fields.map((field, place) => [field, wire.cells[place]]));
  return {
    key: `r${wire.id}`, id: wire.id, version: wire.version, base, names: { ...wire.names },
    locked: new Set(wire.locked), frozen: wire.frozen, deleted: false, ...base,
  };
}

/** Rows with what has been done to them, whether they are in the window or not. */
export class Edits {
  constructor(fields) {
    this.fields = fields;
    this.changed = new Map(); // key → row, for every row that differs from what is stored
    this.added = [];
    this.problems = new Map(); // key → Map(field → message)
    this.past = [];
    this.future = [];
    this.number = 0;
  }

  differs(row) {
    return row.id === null || row.deleted || this.fields.some((field) => row[field] !== row.base[field]);
  }

  newRow() {
    this.number += 1;
    const base = Object.fromEntries(this.fields.map((field) => [field, ""]));
    return { key: `n${this.number}`, id: null, version: "", base, names: {}, locked: new Set(), frozen: false, deleted: false, ...base };
  }

  note(row) {
    if (this.differs(row)) this.changed.set(row.key, row);
    else { this.changed.delete(row.key); this.problems.delete(row.key); }
  }

  /** A step that can be taken back: cells [{row, field, before, after}], rows that came, rows (un)deleted. */
  did({ cells = [], added = [], dropped = [], deleted = [] }) {
    if (!cells.length && !added.length && !deleted.length && !dropped.length) return;
    this.past.push({ cells, added, dropped, deleted });
    this.future = [];
    for (const row of new Set([...cells.map((cell) => cell.row), ...added, ...deleted])) this.note(row);
    for (const { row } of cells) this.problems.get(row.key)?.clear();
    for (const row of dropped) this.forget(row);
  }

  forget(row) {
    this.changed.delete(row.key);
    this.problems.delete(row.key);
    this.added = this.added.filter((one) => one !== row);
  }

  /** Take a step back (or again). Returns it, or null. */
  step(from, to, isBack) {
    const done = from.pop();
    if (!done) return null;
    to.push(done);
    for (const cell of done.cells) cell.row[cell.field] = isBack ? cell.before : cell.after;
    for (const row of done.deleted) row.deleted = !row.deleted;
    const [gone, back] = isBack ? [done.added, done.dropped] : [done.dropped, done.added];
    for (const row of gone) this.forget(row);
    for (const row of back) this.added.push(row);
    for (const row of new Set([...done.cells.map((cell) => cell.row), ...done.deleted, ...back])) {
      if (!gone.includes(row)) this.note(row);
    }
    return done;
  }

  undo() { return this.step(this.past, this.future, true); }
  redo() { return this.step(this.future, this.past, false); }

  /** What is not stored yet, as the server takes it. */
  rows(only = null) {
    return [...this.changed.values()].filter((row) => !only || only.has(row.key)).map((row) => {
      const cells = {};
      for (const field of this.fields) if (row[field] !== row.base[field]) cells[field] = row[field];
      return row.id === null ? { key: row.key, cells } : { key: row.key, id: row.id, version: row.version, cells: row.deleted ? {} : cells, deleted: row.deleted };
    });
  }

  get cellCount() {
    let count = 0;
    for (const row of this.changed.values()) for (const field of this.fields) if (row[field] !== row.base[field]) count += 1;
    return count;
  }

  get problemCount() {
    let count = 0;
    for (const found of this.problems.values()) count += found.size;
    return count;
  }

  /** The server has stored everything: rows are now as it says. */
  stored(rows, deleted) {
    for (const [key, wire] of Object.entries(rows)) {
      const row = this.changed.get(key);
      if (row) this.become(row, wire);
    }
    this.changed.clear();
    this.problems.clear();
    this.added = [];
    this.past = [];
    this.future = [];
    return new Set(deleted);
  }

  become(row, wire) { Object.assign(row, rowOf(wire, this.fields), { locked: new Set(wire.locked) }); }
}

/** A window of a list of any length, read by cursors; it knows about where it is. */
export class Window {
  constructor({ url, query, fields, edits, first }) {
    Object.assign(this, { url, query, fields, edits });
    this.start(first);
    this.total = first.count;
    this.isCounted = !first.capped;
  }

  start(chunk) {
    this.chunks = [this.read(chunk)];
    this.offset = 0;
    this.isExact = !chunk.before;
  }

  /** Rows as they come; one that has been changed here stays as it is. */
  read(answer) {
    const rows = answer.rows.map((wire) => this.edits.changed.get(`r${wire.id}`) ?? rowOf(wire, this.fields));
    return { rows, before: answer.before, after: answer.after };
  }

  get rows() { return this.chunks.flatMap((chunk) => chunk.rows); }
  get atStart() { return !this.chunks[0].before; }
  get atEnd() { return !this.chunks.at(-1).after; }
  get isWhole() { return this.atStart && this.atEnd; }

  async ask(values) {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries({ size: SIZE, ...values })) query.set(name, value);
    const answer = await fetch(`${this.url}?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  /** About how many rows there are, where it was not worth counting. */
  async measure() {
    if (this.isCounted) return;
    const { estimate } = await this.ask({ estimate: 1, size: 1 });
    if (estimate) this.total = Math.max(estimate, this.total);
  }

  async further() {
    const { after } = this.chunks.at(-1);
    if (!after) return false;
    this.chunks.push(this.read(await this.ask({ after })));
    if (this.chunks.length > CHUNKS) this.offset += this.chunks.shift().rows.length;
    if (this.atEnd && this.isExact) { this.total = this.offset + this.rows.length; this.isCounted = true; }
    return true;
  }

  async earlier() {
    const { before } = this.chunks[0];
    if (!before) return false;
    const chunk = this.read(await this.ask({ before }));
    this.chunks.unshift(chunk);
    this.offset = Math.max(0, this.offset - chunk.rows.length);
    if (this.atStart) { this.offset = 0; this.isExact = true; }
    if (this.chunks.length > CHUNKS) this.chunks.pop();
    return true;
  }

  async toStart() {
    this.start(await this.ask({}));
  }

  async toEnd() {
    if (this.atEnd) return;
    const chunk = await this.ask({ page: "last" });
    this.chunks = [this.read(chunk)];
    this.offset = Math.max(0, this.total - chunk.rows.length);
    this.isExact = this.isCounted || !chunk.before;
  }

  /** Begin at a part (0 to 1) of the list. */
  async toPart(part) {
    if (part <= 0) { await this.toStart(); return; }
    if (part >= 1) { await this.toEnd(); return; }
    const chunk = await this.ask({ at: part });
    if (!chunk.rows.length) { await this.toEnd(); return; }
    this.chunks = [this.read(chunk)];
    if (chunk.estimate && !this.isCounted) this.total = chunk.estimate;
    this.offset = Math.round(part * this.total);
    this.isExact = !chunk.before;
  }

  /** Drop rows that are gone. */
  remove(keys) {
    for (const chunk of this.chunks) chunk.rows = chunk.rows.filter((row) => !keys.has(row.key));
    this.total = Math.max(0, this.total - keys.size);
  }

  /** New rows that were stored stay where they were entered. */
  keep(rows) {
    if (!this.atEnd || !rows.length) return;
    this.chunks.at(-1).rows.push(...rows);
    this.total += rows.length;
  }
}
