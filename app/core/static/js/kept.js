// Files and notes of a record: dropped, pasted, chosen or photographed files go up one by one with their
// progress; each refusal stays by its file. What is typed elsewhere on the page is not touched.
const csrf = document.querySelector('meta[name="csrf-token"]')?.content || "";
const root = document.querySelector("[data-kept]");
const form = root?.querySelector("[data-kept-form]");
const noteForm = root?.querySelector("[data-kept-note]");
const progress = root?.querySelector("[data-kept-progress]");
const drop = root?.querySelector("[data-kept-drop]");
const words = root?.dataset ?? {};
const waiting = [];
let busy = false;

const say = (sentence, name) => sentence.replace("{name}", name);

/** Put the lists in place as the server gave them. */
function show(page) {
  const parsed = new DOMParser().parseFromString(page, "text/html");
  for (const list of parsed.querySelectorAll("[data-kept-list]")) {
    root.querySelector(`[data-kept-list="${list.dataset.keptList}"]`)?.replaceWith(list);
  }
}

function line(name) {
  const item = document.createElement("li");
  const text = document.createElement("span");
  const bar = document.createElement("progress");
  const isolated = document.createElement("bdi");
  isolated.textContent = name;
  text.append(isolated);
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  item.append(text, bar);
  progress.append(item);
  return {
    part: (share) => { bar.value = share * 100; },
    done: () => {
      text.textContent = say(words.done, name);
      item.className = "is-done";
      bar.remove();
      window.setTimeout(() => item.remove(), 4000);
    },
    failed: (sentence) => {
      item.className = "is-bad";
      item.setAttribute("role", "alert");
      text.textContent = sentence;
      bar.remove();
      const close = document.createElement("button");
      close.type = "button";
      close.className = "btn-close";
      close.setAttribute("aria-label", "×");
      close.addEventListener("click", () => item.remove());
      item.append(close);
    },
  };
}

/** Send one file; always settles, its line says how it went. */
function send({ file, note, row }) {
  return new Promise((resolve) => {
    const body = new FormData();
    body.append("files", file, file.name);
    body.append("note", note);
    const request = new XMLHttpRequest();
    request.open("POST", words.url);
    request.setRequestHeader("X-CSRFToken", csrf);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) row.part(event.loaded / event.total); });
    request.addEventListener("load", () => {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* a page of a proxy: said below */ }
      if (told.page) show(told.page);
      if (request.status === 200) row.done();
      else row.failed(told.errors?.[0]?.message || told.message || say(words.offline, file.name));
      resolve();
    });
    for (const ending of ["error", "abort", "timeout"]) {
      request.addEventListener(ending, () => { row.failed(say(words.offline, file.name)); resolve(); });
    }
    request.send(body);
  });
}

async function work() {
  if (busy) return;
  busy = true;
  root.setAttribute("aria-busy", "true");
  while (waiting.length) await send(waiting.shift());
  busy = false;
  root.removeAttribute("aria-busy");
}

function take(files) {
  const field = form.elements.note;
  for (const file of files) {
    const row = line(file.name);
    if (file.size > Number(words.largest)) row.failed(say(words.tooLarge, file.name));
    else waiting.push({ file, note: field.value, row });
  }
  field.value = "";
  work();
}

/** Pasted pictures have a name that says nothing; they get one. */
function pasted(clipboard) {
  return [...(clipboard?.files ?? [])].map((file) => {
    const ending = file.type.split("/")[1] || "png";
    return file.name && file.name !== "image.png" ? file : new File([file], `${words.pasted}.${ending}`, { type: file.type });
  });
}

function startFiles() {
  form.classList.add("is-live");
  for (const input of form.querySelectorAll("[data-kept-input]")) {
    input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const name of ["dragenter", "dragover"]) {
    root.addEventListener(name, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  root.addEventListener("dragleave", (event) => { if (!root.contains(event.relatedTarget)) drop.classList.remove("over"); });
  root.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    drop.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    if (event.defaultPrevented || event.clipboardData?.types.includes("text/plain")) return;
    const files = pasted(event.clipboardData);
    if (!files.length) return;
    event.preventDefault();
    take(files);
  });
}

function startNotes() {
  const refusal = noteForm.querySelector("[data-kept-refusal]");
  const refuse = (sentence) => { refusal.textContent = sentence; refusal.hidden = !sentence; };
  noteForm.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = noteForm.querySelector("button");
    button.disabled = true;
    refuse("");
    try {
      const answer = await fetch(noteForm.action, {
        method: "POST", body: new FormData(noteForm), headers: { "X-CSRFToken": csrf, Accept: "application/json" }, credentials: "same-origin",
      });
      const told = await answer.json();
      if (told.page) show(told.page);
      if (answer.ok) noteForm.reset();
      else refuse(told.errors?.[0]?.message || told.message);
    } catch {
      refuse(noteForm.dataset.offline);
    } finally {
      button.disabled = false;
    }
  });
}

if (form) startFiles();
if (noteForm) startNotes();
