// The search over everything answers while one types; Enter without a choice opens the whole page.
import { line } from "./numbers.js";

const WAIT = 180;
const LEAST = 2;

function hitOf(hit, place) {
  const link = document.createElement("a");
  link.className = "hit";
  link.href = hit.url;
  link.id = `hit-${place}`;
  link.setAttribute("role", "option");
  link.setAttribute("aria-selected", "false");
  link.tabIndex = -1;
  const title = document.createElement("strong");
  const detail = document.createElement("span");
  title.append(line(hit.title));
  detail.append(line(hit.detail));
  title.className = "clamp-1";
  detail.className = "clamp-1";
  link.append(title, detail);
  return link;
}

export function startSearch() {
  const form = document.querySelector("form[data-live-search]");
  if (!form) return;
  const box = form.querySelector("input[type=search]");
  const list = form.querySelector(".hits");
  let timer;
  let turn = 0;
  let chosen = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const close = () => { list.hidden = true; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); chosen = -1; };
  const choose = (place) => {
    const all = options();
    if (all.length === 0) return;
    chosen = (place + all.length) % all.length;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    box.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };

  const show = ({ groups }) => {
    list.replaceChildren();
    chosen = -1;
    let place = 0;
    for (const group of groups) {
      const heading = document.createElement("div");
      heading.className = "hits-group";
      heading.setAttribute("role", "presentation");
      heading.textContent = group.label;
      list.append(heading, ...group.hits.map((hit) => hitOf(hit, place++)));
    }
    if (groups.length === 0) {
      const nothing = document.createElement("div");
      nothing.className = "hits-nothing";
      nothing.textContent = form.dataset.nothing;
      list.append(nothing);
    } else if (groups.some((group) => group.more_url)) {
      const all = hitOf({ title: form.dataset.all, detail: "", url: `${form.action}?q=${encodeURIComponent(box.value)}` }, place);
      all.classList.add("hits-all");
      list.append(all);
    }
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  };

  const ask = async () => {
    const text = box.value.trim();
    const mine = (turn += 1);
    if (text.length < LEAST) { close(); return; }
    try {
      const answer = await fetch(`${form.action}?format=json&q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || mine !== turn) return;
      const found = await answer.json();
      if (mine === turn && document.activeElement === box) show(found);
    } catch { /* offline: Enter still asks the server */ }
  };

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    else if (event.key === "ArrowDown" && !list.hidden) { event.preventDefault(); choose(chosen + 1); }
    else if (event.key === "ArrowUp" && !list.hidden) { event.preventDefault(); choose(chosen - 1); }
    else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); options()[chosen].click(); }
  });
  form.addEventListener("submit", (event) => { if (!box.value.trim()) event.preventDefault(); });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) setTimeout(close, 120); });
  list.addEventListener("mousedown", (event) => event.preventDefault());
}
