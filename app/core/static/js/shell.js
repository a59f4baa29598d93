// The frame: appearance, folded menu groups, bell, messages, tabs kept over a reload, keys, jobs.
import { isPersian, localize } from "./numbers.js";

const BELL_SECONDS = 20;

function startTheme() {
  const buttons = [...document.querySelectorAll("[data-theme-choice]")];
  const mark = () => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === window.kartablTheme.choice()));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => { window.kartablTheme.choose(button.dataset.themeChoice); mark(); });
  }
  mark();
}

function remembered(key) { try { return localStorage.getItem(key); } catch { return null; } }
function remember(key, value) { try { localStorage.setItem(key, value); } catch { /* not kept */ } }

function startFolds() {
  for (const group of document.querySelectorAll("details[data-fold]")) {
    const key = `fold:${group.dataset.fold}`;
    const kept = remembered(key);
    if (kept !== null && !group.querySelector(".active")) group.open = kept === "1";
    group.addEventListener("toggle", () => remember(key, group.open ? "1" : "0"));
  }
  document.querySelector(".sidebar .active")?.scrollIntoView({ block: "nearest" });
}

/** Ask for the count every 20 s while the page is seen; the server answers 304 when nothing changed. */
function startBell() {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const badge = bell.querySelector(".bell-count");
  const show = ({ count = 0, stale = false }) => {
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? `${localize(99)}+` : localize(count);
    bell.classList.toggle("stale", Boolean(stale));
    const label = stale ? bell.dataset.labelStale : count ? bell.dataset.labelCount.replace("{count}", localize(count)) : bell.dataset.label;
    bell.setAttribute("aria-label", label);
    bell.title = label;
  };
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(bell.dataset.bell, { headers: { Accept: "application/json" }, cache: "no-cache" });
      if (answer.ok) show(await answer.json());
    } catch { /* offline: the next turn asks again */ }
  };
  ask();
  setInterval(ask, BELL_SECONDS * 1000);
  document.addEventListener("visibilitychange", ask);
}

/** Put the text of a button's data-copy on the clipboard, and say so on the button. */
async function copyText(button) {
  const words = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch { // no clipboard without https: choose the text, so that Ctrl+C takes it
    const source = document.getElementById("secret");
    if (source) window.getSelection().selectAllChildren(source);
    return;
  }
  if (words) words.textContent = button.dataset.copied;
}

function startTabs() {
  for (const strip of document.querySelectorAll("[data-keep-tab]")) {
    const wanted = window.location.hash.slice(1);
    const button = wanted && document.getElementById(`tab-${wanted}`);
    if (button && strip.contains(button)) window.bootstrap?.Tab.getOrCreateInstance(button).show();
    strip.addEventListener("shown.bs.tab", (event) => {
      history.replaceState(null, "", `#${event.target.id.replace(/^tab-/, "")}`);
    });
  }
}

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable], .tabulator");

/** "/" goes to the search, "n" opens a new record, "f" goes to the filter of the list. */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const goal = {
    Slash: () => document.getElementById("top-search"),
    KeyF: () => document.querySelector(".filters input[name=q]"),
  }[event.code]?.();
  if (goal) { event.preventDefault(); goal.focus(); goal.select?.(); }
  if (event.code === "KeyN" && !event.shiftKey) {
    const add = document.querySelector(".page-actions a.btn-primary[href*='/add']");
    if (add) { event.preventDefault(); add.click(); }
  }
}

/** Follow a job (app/core/jobs.py as_json) until it ends. */
async function follow(box) {
  const bar = box.querySelector("progress");
  for (;;) {
    let job;
    try {
      const answer = await fetch(box.dataset.job, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) return;
      job = await answer.json();
    } catch { job = {}; }
    if (Number.isFinite(job.percent)) {
      bar.value = job.percent;
      box.querySelector("[data-job-percent]").textContent = localize(`${Math.floor(job.percent)}${isPersian() ? "٪" : "%"}`);
    }
    const words = job.message || job.state_label;
    if (words) box.querySelector("[data-job-label]").textContent = localize(words);
    if (["done", "failed", "cancelled"].includes(job.state)) {
      box.dataset.state = job.state;
      window.location.assign(job.next || box.dataset.next || window.location.href);
      return;
    }
    await new Promise((resolve) => { setTimeout(resolve, 800); });
  }
}

export function startShell() {
  startTheme();
  startFolds();
  startBell();
  startTabs();
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss-notice]")?.closest(".notice")?.remove();
    if (event.target.closest("[data-go-back]")) history.back();
    const copied = event.target.closest("[data-copy]");
    if (copied) copyText(copied);
    if (event.target.closest("[data-print]")) window.print();
    const shown = event.target.closest("[data-show-password]");
    if (shown) {
      const box = document.getElementById(shown.dataset.showPassword);
      box.type = box.type === "password" ? "text" : "password";
      shown.setAttribute("aria-pressed", String(box.type === "text"));
    }
  });
  for (const box of document.querySelectorAll("[data-job]")) follow(box);
}
