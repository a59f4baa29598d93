// Links that ask something first: their page opens over the one that is seen, with the same form.
import { dress } from "./form.js";

async function open(link) {
  const answer = await fetch(link.href, { headers: { "X-Part": "dialog" }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const dialog = document.createElement("dialog");
  dialog.className = "asking";
  dialog.innerHTML = await answer.text();
  const heading = dialog.querySelector("h2[id]");
  if (heading) dialog.setAttribute("aria-labelledby", heading.id);
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) { event.preventDefault(); dialog.close(); }
  });
  // A download leaves the page as it is; anything else leads away from it.
  dialog.addEventListener("submit", () => window.setTimeout(() => dialog.close(), 50));
  document.body.append(dialog);
  dress(dialog);
  dialog.showModal();
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link).catch(() => window.location.assign(link.href));
  });
}
