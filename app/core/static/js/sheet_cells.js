// How the cells of a sheet look and are edited, by the kind of their column.
import { lookupEditor, textEditor } from "./grid_editors.js";
import { grouped, localize, localizeText, plainNumber, runs, toAscii } from "./numbers.js";

const NUMERIC = new Set(["rials", "number"]);
export const isNumeric = (column) => NUMERIC.has(column.editor);

/** A typed or pasted number as a plain one; what is none stays as it is and is marked by the server. */
const number = (text) => plainNumber(text) ?? text.trim();
const day = (text) => toAscii(text).trim();
const READERS = { rials: number, number, date: day, moment: day, code: day };

export const readerOf = (column) => READERS[column.editor] ?? ((text) => text.trim());

function ltr(text) {
  const run = document.createElement("bdi");
  run.dir = "ltr";
  run.className = "num";
  run.textContent = text;
  return run;
}

function content(column, row, value) {
  if (value === "") return "";
  if (isNumeric(column)) return ltr(grouped(value));
  if (column.editor === "date" || column.editor === "moment") return ltr(localize(value));
  if (column.editor === "code") return ltr(localizeText(value.replace(/^\+98(?=\d{10}$)/, "0")));
  if (column.editor === "reference" && row.names[column.name]) return runs(row.names[column.name]);
  return runs(value);
}

/** What a cell shows, with its state: changed, bad, closed, hidden. */
export function formatter(column, { edits, words, opens, isReadOnly }) {
  return (cell) => {
    const row = cell.getRow().getData();
    const element = cell.getElement();
    const value = String(row[column.name] ?? "");
    const message = edits.problems.get(row.key)?.get(column.name) ?? "";
    const isHidden = row.locked.has(column.name);
    element.classList.toggle("cell-changed", value !== row.base[column.name]);
    element.classList.toggle("cell-bad", Boolean(message));
    const isClosed = !isReadOnly && !opens(row, column.name);
    element.classList.toggle("cell-closed", isClosed);
    if (isClosed) element.setAttribute("aria-readonly", "true");
    else element.removeAttribute("aria-readonly");
    element.title = message || (value.length > 24 ? value : row.frozen ? words.frozen : isClosed ? words.closed : "");
    if (message) element.setAttribute("aria-invalid", "true");
    else element.removeAttribute("aria-invalid");
    return isHidden ? words.hidden : content(column, row, value);
  };
}

/** The number of a row, or its sign: new, deleted, with an error. */
export function rowHeader({ edits, numberOf }) {
  return (cell) => {
    const row = cell.getRow().getData();
    const element = cell.getRow().getElement();
    const message = edits.problems.get(row.key)?.get("") ?? "";
    element.classList.toggle("row-new", row.id === null);
    element.classList.toggle("row-deleted", row.deleted);
    element.classList.toggle("row-frozen", row.frozen);
    cell.getElement().classList.toggle("cell-bad", Boolean(message));
    cell.getElement().title = message;
    return row.id === null ? "＋" : numberOf(cell.getRow().getPosition() - 1);
  };
}

const fold = (text) => toAscii(text).replace(/ي/g, "ی").replace(/ك/g, "ک").toLowerCase();

function choices(column) {
  const all = column.choices.map((text) => ({ text }));
  return async (typed, held) => {
    if (typed === held) return [...all.filter((one) => one.text === held), ...all.filter((one) => one.text !== held)];
    return all.filter((one) => fold(one.text).startsWith(fold(typed)));
  };
}

function related(column) {
  return async (typed, held) => {
    const query = new URLSearchParams({ q: typed === held ? "" : typed });
    const answer = await fetch(`${column.look}?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return [];
    const { results } = await answer.json();
    const found = results.map((one) => ({ text: one.hint ?? one.text, label: one.text, hint: one.hint ?? "" }));
    return typed === held && held ? [{ text: held }, ...found.filter((one) => one.text !== held)] : found;
  };
}

/** A day: typed as usual; opened without typing, the calendar shows beside it. */
function dayEditor(grid, column) {
  const plain = textEditor(grid, day);
  return (cell, onRendered, success, cancel) => {
    const isTyped = grid.typed !== null;
    const box = plain(cell, onRendered, success, cancel);
    box.dir = "ltr";
    if (!isTyped) {
      box.dataset.jdp = "";
      if (column.editor === "moment") box.dataset.jdpTime = "";
      box.addEventListener("jdp:change", () => { box.dispatchEvent(new Event("commit")); });
    }
    return box;
  };
}

export function editorOf(grid, column) {
  if (column.editor === "choice" || column.editor === "reference") {
    const look = column.editor === "choice" ? choices(column) : related(column);
    return lookupEditor(grid, {
      look,
      pick: (cell, choice) => {
        const row = cell.getRow().getData();
        if (choice?.label) row.names[column.name] = choice.label;
        else delete row.names[column.name];
        cell.getRow().reformat();
      },
    });
  }
  return column.editor === "date" || column.editor === "moment" ? dayEditor(grid, column) : textEditor(grid, readerOf(column));
}
