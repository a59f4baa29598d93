// The bar beside a long sheet: where the rows in view lie in the whole list, and a way to any part of it.
import { ROW } from "./sheet_grid.js";
import { grouped } from "./numbers.js";

export function startRail({ rail, list, grid, words, go }) {
  const thumb = rail.querySelector(".sheet-thumb");
  const bubble = rail.querySelector(".sheet-bubble");
  let dragged = null;

  const travel = () => Math.max(1, rail.clientHeight - thumb.offsetHeight);
  const visible = () => Math.ceil(grid.holder.clientHeight / ROW);
  const place = (share) => {
    thumb.style.top = `${share * travel()}px`;
    rail.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  };

  function draw() {
    rail.hidden = list.isWhole;
    if (rail.hidden || dragged !== null) return;
    const last = list.atEnd && grid.firstVisible + visible() >= list.rows.length;
    place(last ? 1 : Math.min(1, (list.offset + grid.firstVisible) / Math.max(1, list.total - visible())));
  }

  function drag(event) {
    const box = rail.getBoundingClientRect();
    dragged = Math.min(1, Math.max(0, (event.clientY - box.top - thumb.offsetHeight / 2) / travel()));
    place(dragged);
    bubble.hidden = false;
    bubble.textContent = words.at.replace("{row}", grouped(String(Math.max(1, Math.round(dragged * list.total)))));
    bubble.style.top = `${dragged * travel()}px`;
  }

  async function leave() {
    const share = dragged;
    dragged = null;
    bubble.hidden = true;
    await (share >= 1 ? go(1) : go(share));
  }

  rail.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    rail.setPointerCapture(event.pointerId);
    drag(event);
    rail.addEventListener("pointermove", drag);
    rail.addEventListener("pointerup", () => { rail.removeEventListener("pointermove", drag); leave(); }, { once: true });
  });
  rail.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 0.01, ArrowUp: -0.01, PageDown: 0.1, PageUp: -0.1 };
    const now = Number(rail.getAttribute("aria-valuenow")) / 100;
    const share = event.key === "Home" ? 0 : event.key === "End" ? 1 : event.key in steps ? Math.min(1, Math.max(0, now + steps[event.key])) : null;
    if (share === null) return;
    event.preventDefault();
    go(share);
  });
  return { draw };
}
