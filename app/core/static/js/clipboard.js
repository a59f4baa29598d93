// Blocks of cells between a grid and Excel or LibreOffice. Columns go in the order of the sheet, the
// first one first, whichever way it is read: so a block looks the same on both sides.
import { toAscii } from "./numbers.js";

const QUOTED = /"((?:[^"]|"")*)"(?=[\t\n]|$)/y;
const BARE = /[^\t\n]*/y;

/** Rows and cells of a copied block; quoted cells may hold tabs and line breaks, a lone quote is itself. */
export function parseClipboard(text) {
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, ""); // else the row below would be emptied
  const rows = [[]];
  for (let at = 0; at <= source.length; at += 1) {
    QUOTED.lastIndex = at;
    BARE.lastIndex = at;
    const quote = QUOTED.exec(source);
    const found = quote ?? BARE.exec(source);
    rows.at(-1).push(quote ? quote[1].replace(/""/g, '"') : found[0]);
    at += found[0].length;
    if (source[at] === "\n") rows.push([]);
  }
  return rows;
}

/** A cell as a spreadsheet's own text: quoted where it holds a tab, a line break or a leading quote. */
function quoted(value) {
  const text = String(value ?? "");
  return /[\t\n\r]|^"/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Give a block to the clipboard. */
export function writeClipboard(data, block) {
  data.setData("text/plain", `${block.map((cells) => cells.map(quoted).join("\t")).join("\n")}\n`);
}

/** The rows of a table on the clipboard, with merged cells as blanks: [[{text, value}]]; `value` is an exact number. */
function parseTable(html) {
  const start = html.search(/<table/i); // what stands before it are styles, which our policy would complain about
  if (start < 0) return [];
  const table = new DOMParser().parseFromString(html.slice(start), "text/html").querySelector("table");
  if (!table) return [];
  return [...table.rows].map((row) => [...row.cells].flatMap((cell) => {
    for (const line of cell.querySelectorAll("br")) line.replaceWith("\n");
    const text = cell.textContent.replace(/\u00a0/g, " ").trim();
    return [{ text, value: cell.getAttribute("sdval") }, ...Array(Math.max(0, cell.colSpan - 1)).fill({ text: "", value: null })];
  }));
}

/** Shown numbers are rounded or shortened (7.39E+08, 1.5): the table beside them has the whole ones. */
function exact(text, cell) {
  const shown = toAscii(text);
  const isNumber = /^[-+]?\d[\d,٬ ]*([.٫]\d+)?(E[-+]?\d+)?$/i.test(shown);
  return cell?.value && isNumber && /^-?\d+(\.\d+)?$/.test(cell.value) ? cell.value : text;
}

/** The block on the clipboard as rows of texts; empty when there is none. */
export function readClipboard(data) {
  const plain = data.getData("text/plain");
  const table = parseTable(data.getData("text/html"));
  if (!plain) return table.map((cells) => cells.map((cell) => exact(cell.text, cell)));
  const block = parseClipboard(plain);
  const fits = table.length === block.length && table.every((cells, row) => cells.length === block[row].length);
  return fits ? block.map((cells, row) => cells.map((text, column) => exact(text, table[row][column]))) : block;
}
