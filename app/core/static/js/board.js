// Boards: a card is dragged to another column, or a step is chosen from its menu. Either asks the server, which
// knows the rules; a refused card goes back to where it stood and the reason is said.
import { ask } from "./form.js";

const board = document.getElementById("board");
const live = document.getElementById("board-live");
const words = JSON.parse(document.getElementById("board-words").textContent);
const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
let held = null;

const movesOf = (card) => JSON.parse(card.dataset.moves ?? "[]");
const columnOf = (node) => node.closest?.("[data-column]");

function say(text, tone = "") {
  live.className = `board-live${tone ? ` notice tone-${tone}` : ""}`;
  live.textContent = text;
  live.hidden = !text;
}

/** The reason of a step; null when it is not given after all. */
function askReason(move) {
  const dialog = document.getElementById("board-reason");
  const text = dialog.querySelector("textarea");
  dialog.querySelector("h2").textContent = move.label;
  dialog.querySelector("[data-question]").textContent = move.confirm;
  text.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" ? text.value : null), { once: true });
  });
}

async function send(url, reason) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": csrf, Accept: "application/json" },
    body: new URLSearchParams({ reason }),
    credentials: "same-origin",
  });
  const said = await answer.json().catch(() => ({}));
  return { ok: answer.ok, message: said.message ?? said.detail ?? words.failed };
}

/** The board as it is now, since a step may change more than one card. */
async function refresh() {
  const answer = await fetch(window.location.href, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const place = board.scrollLeft;
  board.replaceChildren(...page.getElementById("board").children);
  document.querySelector(".board-jump")?.replaceChildren(...(page.querySelector(".board-jump")?.children ?? []));
  board.scrollLeft = place;
}

/** What a step asks for first: its reason, "" where it asks nothing, null where it is not taken after all. */
async function asked(move) {
  if (move.asks === "reason") return askReason(move);
  return !move.confirm || (await ask(move.confirm, { ok: move.label })) ? "" : null;
}

async function take(card, move) {
  if (move.asks === "day") { window.location.assign(move.url); return; }
  const menu = card.querySelector(".board-menu button");
  const reason = await asked(move);
  if (reason === null) { menu?.focus(); return; }
  const before = { column: card.parentElement, next: card.nextElementSibling };
  const column = document.getElementById(`column-${move.to}`);
  if (column) column.querySelector(".board-head").after(card);
  card.setAttribute("aria-busy", "true");
  say(words.moving);
  try {
    const answer = await send(move.url, reason);
    if (!answer.ok) throw answer;
    await refresh();
    say(answer.message, "ok");
    (document.querySelector(`#${card.id} .board-menu button`) ?? board).focus({ preventScroll: true });
  } catch (refusal) {
    before.column.insertBefore(card, before.next);
    card.removeAttribute("aria-busy");
    say(refusal.message || words.failed, "bad");
    menu?.focus({ preventScroll: true });
  }
}

/** The steps of a card, when its menu opens. */
function fillMenu(event) {
  const card = event.target.closest(".board-card");
  const menu = card?.querySelector(".board-menu .dropdown-menu");
  if (!menu || menu.children.length) return;
  menu.append(...movesOf(card).map((move, place) => {
    const [item, button] = [document.createElement("li"), document.createElement("button")];
    button.type = "button";
    button.className = `dropdown-item ${move.css}`;
    button.dataset.move = place;
    button.textContent = move.label;
    item.append(button);
    return item;
  }));
}

function lift(event) {
  const card = event.target.closest?.(".board-card[data-moves]");
  if (!card) return;
  held = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.id);
  const open = new Set(movesOf(card).map((move) => move.to));
  card.classList.add("is-held");
  for (const column of board.querySelectorAll("[data-column]")) {
    column.classList.toggle("takes-card", open.has(column.dataset.column));
  }
}

function hover(event) {
  if (!held) return;
  event.preventDefault();
  const column = columnOf(event.target);
  for (const one of board.querySelectorAll(".is-over")) if (one !== column) one.classList.remove("is-over");
  column?.classList.add("is-over");
}

function release() {
  held?.classList.remove("is-held");
  held = null;
  for (const column of board.querySelectorAll("[data-column]")) column.classList.remove("takes-card", "is-over");
}

function drop(event) {
  const [card, column] = [held, columnOf(event.target)];
  release();
  if (!card || !column) return;
  event.preventDefault();
  if (columnOf(card) === column) return;
  const move = movesOf(card).find((one) => one.to === column.dataset.column);
  if (move) take(card, move);
  else say(words.nowhere, "warn");
}

board.addEventListener("dragstart", lift);
board.addEventListener("dragover", hover);
board.addEventListener("drop", drop);
board.addEventListener("dragend", release);
board.addEventListener("show.bs.dropdown", fillMenu);
board.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  const card = button?.closest(".board-card");
  if (card) take(card, movesOf(card)[Number(button.dataset.move)]);
});
document.querySelector("#board-reason [data-close]").addEventListener("click", () => document.getElementById("board-reason").close(""));
