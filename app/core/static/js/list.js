// Lists: choosing rows, the bar of what can be done with them, rows that open on a click.
import { localize } from "./numbers.js";

function startBulk(bar) {
  const form = bar.dataset.bulk;
  const boxes = [...document.querySelectorAll(`input[name=rowid][form="${form}"]`)];
  const all = document.querySelector(`[data-check-all="${form}"]`);
  const count = bar.querySelector("[data-bulk-count]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    bar.hidden = chosen === 0;
    count.textContent = chosen === 1 ? count.dataset.one : count.dataset.many.replace("{count}", localize(chosen));
    for (const box of boxes) box.closest("tr").classList.toggle("chosen", box.checked);
    if (all) { all.checked = chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
  };
  const set = (value) => { for (const box of boxes) box.checked = value; show(); };
  let last = null;
  boxes.forEach((box, place) => box.addEventListener("click", (event) => {
    if (event.shiftKey && last !== null) {
      for (let at = Math.min(last, place); at <= Math.max(last, place); at += 1) boxes[at].checked = box.checked;
    }
    last = place;
    show();
  }));
  all?.addEventListener("change", () => set(all.checked));
  bar.querySelector("[data-bulk-clear]")?.addEventListener("click", () => set(false));
  show();
}

function openRow(event) {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, form, .check-cell") || String(window.getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else window.location.assign(row.dataset.href);
}

export function startLists() {
  for (const bar of document.querySelectorAll(".bulk-bar")) startBulk(bar);
  document.addEventListener("click", openRow);
}
