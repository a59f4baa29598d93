// Cell editors of the spreadsheet-like grid. Each takes what was typed to open it, commits on
// Enter or Tab and says which way to go on.

function input(cell, typed) {
  const box = document.createElement("input");
  box.className = "grid-input";
  box.autocomplete = "off";
  box.setAttribute("aria-label", cell.getColumn().getDefinition().title || "");
  box.value = typed ?? cell.getValue() ?? "";
  return box;
}

function open(box, onRendered, typed) {
  onRendered(() => {
    box.focus({ preventScroll: true });
    if (typed === null) box.select();
    else box.setSelectionRange(box.value.length, box.value.length);
  });
}

/** Plain text or numbers; `read` turns what was typed into the stored value. */
export function textEditor(grid, read = (value) => value.trim()) {
  return (cell, onRendered, success, cancel) => {
    const typed = grid.takeTyped();
    const box = input(cell, typed);
    open(box, onRendered, typed);
    let done = false;
    const commit = (way) => {
      if (done) return;
      done = true;
      success(read(box.value));
      if (way) grid.goOn(way);
    };
    box.addEventListener("blur", (event) => { if (!event.relatedTarget?.closest?.("jdp-container")) commit(null); });
    box.addEventListener("commit", () => commit(null));
    box.addEventListener("keydown", (event) => {
      const way = grid.wayOf(event);
      if (way) { event.preventDefault(); event.stopPropagation(); commit(way); }
      else if (event.key === "Escape") { done = true; event.stopPropagation(); cancel(); }
    });
    return box;
  };
}

/** A choice found while typing. `look(text, held)` → [{text, label, hint}], shown by its label; `pick(cell, choice|null, text)`. */
export function lookupEditor(grid, { look, pick }) {
  return (cell, onRendered, success, cancel) => {
    const typed = grid.takeTyped();
    const box = input(cell, typed);
    open(box, onRendered, typed);
    const list = document.createElement("ul");
    list.className = "grid-choices";
    list.setAttribute("role", "listbox");
    list.id = `choices-${Date.now()}`;
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-controls", list.id);
    document.body.append(list);
    let choices = [];
    let active = 0;
    let done = false;
    let picked = false; // by arrow or by hand
    let asked = 0;

    const show = () => {
      list.replaceChildren(...choices.map((choice, place) => {
        const item = document.createElement("li");
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(place === active));
        item.classList.toggle("active", place === active);
        const name = document.createElement("span");
        name.textContent = choice.label ?? choice.text;
        const hint = document.createElement("small");
        hint.textContent = choice.hint || "";
        item.append(name, hint);
        item.addEventListener("mousedown", (event) => { event.preventDefault(); active = place; picked = true; commit("next"); });
        return item;
      }));
      list.hidden = choices.length === 0;
      const at = box.getBoundingClientRect();
      list.style.top = `${at.bottom + window.scrollY + 2}px`;
      list.style.left = `${Math.max(8, at.left + window.scrollX)}px`;
      list.style.minWidth = `${at.width}px`;
      list.children[active]?.scrollIntoView({ block: "nearest" });
    };
    let found = Promise.resolve(); // of the last question; keys pressed meanwhile wait for it
    const answer = async () => {
      const turn = (asked += 1);
      const text = box.value.trim();
      const answered = await look(text, String(cell.getValue() ?? ""));
      if (turn !== asked || done) return;
      choices = answered;
      active = 0;
      list.dataset.asked = text;
      show();
    };
    const ask = () => (found = answer().catch(() => {}));
    const commit = (way) => {
      if (done) return;
      done = true;
      list.remove();
      const text = box.value.trim();
      const same = text === String(cell.getValue() ?? "");
      const choice = way && (picked || (text !== "" && (!same || choices.length))) ? choices[active] : undefined;
      success(choice ? choice.text : text);
      if (!same || choice) pick(cell, choice ?? null, text);
      if (way) grid.goOn(way);
    };
    let timer;
    box.addEventListener("input", () => { picked = false; clearTimeout(timer); timer = setTimeout(ask, 120); });
    box.addEventListener("blur", () => commit(null));
    box.addEventListener("keydown", async (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        event.stopPropagation();
        await found;
        if (done) return;
        active = Math.max(0, Math.min(choices.length - 1, active + (event.key === "ArrowDown" ? 1 : -1)));
        picked = true;
        show();
        return;
      }
      if (event.key === "Escape") { done = true; list.remove(); event.stopPropagation(); cancel(); return; }
      const way = grid.wayOf(event);
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      clearTimeout(timer);
      grid.hold();
      if (box.value.trim() && box.value.trim() !== String(cell.getValue() ?? "")) await ask();
      else await found;
      if (done) grid.release();
      else commit(way === "down" ? "next" : way);
    });
    ask();
    return box;
  };
}
