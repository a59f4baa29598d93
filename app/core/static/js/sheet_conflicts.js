// Rows that somebody else has changed meanwhile: both values of every cell, and a choice.
import { localizeText } from "./numbers.js";

function element(name, text = "", css = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (css) made.className = css;
  return made;
}

function choice(name, value, label, shown, checked) {
  const box = element("label", "", "conflict-choice");
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name, value, checked });
  const run = element("bdi", localizeText(shown) || "—");
  box.append(input, element("span", label, "hint"), run);
  return box;
}

/** The cells of a row on which two people disagree, and those that only the other one changed. */
function differences(row, wire, columns) {
  const both = [];
  const theirs = [];
  columns.forEach((column, place) => {
    const there = wire.cells[place];
    const isMine = row[column.name] !== row.base[column.name];
    if (there === row.base[column.name] && !(isMine && row.deleted)) return;
    if (isMine && there !== row[column.name]) both.push({ column, there });
    else if (!isMine) theirs.push(column);
  });
  return { both, theirs };
}

/** Ask; resolves to whether to save again. The rows are changed as was chosen. */
export function settle({ conflicts, edits, columns, words, titleOf }) {
  const dialog = document.getElementById("sheet-conflicts");
  const list = dialog.querySelector(".conflict-rows");
  const rows = Object.entries(conflicts).map(([key, wire]) => ({ row: edits.changed.get(key), wire })).filter(({ row }) => row);
  list.replaceChildren(...rows.map(({ row, wire }) => {
    const box = element("fieldset", "", "conflict-row");
    box.append(element("legend", titleOf(row)));
    if (wire === null) { box.append(element("p", words.gone)); return box; }
    if (wire.by) box.append(element("p", words.changed_by.replace("{name}", wire.by), "hint"));
    const { both, theirs } = differences(row, wire, columns);
    for (const { column, there } of both) {
      const line = element("div", "", "conflict-cell");
      line.setAttribute("role", "radiogroup");
      line.setAttribute("aria-label", column.label);
      const name = `${row.key}/${column.name}`;
      line.append(element("strong", column.label), choice(name, "mine", words.mine, row[column.name], false), choice(name, "theirs", words.theirs, there, true));
      box.append(line);
    }
    if (theirs.length) box.append(element("p", words.also_changed.replace("{columns}", theirs.map((column) => column.label).join("، ")), "hint"));
    return box;
  }));
  dialog.returnValue = "later";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "save") { resolve(false); return; }
      const chosen = new Map([...list.querySelectorAll("input:checked")].map((input) => [input.name, input.value]));
      for (const { row, wire } of rows) take(row, wire, chosen, columns, edits);
      resolve(true);
    }, { once: true });
  });
}

/** The row is now based on what the other one stored; only what was chosen as mine still differs. */
function take(row, wire, chosen, columns, edits) {
  if (wire === null) { edits.forget(row); return; }
  const mine = Object.fromEntries(columns.map(({ name }) => [name, row[name]]).filter(([name]) => (
    row[name] !== row.base[name] && chosen.get(`${row.key}/${name}`) !== "theirs")));
  const { deleted } = row;
  edits.become(row, wire);
  Object.assign(row, mine, { deleted });
  edits.note(row);
}
