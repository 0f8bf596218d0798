// The unit in hand, the keys, the bar of actions; then the page begins.

let current = null;
let keysOn = true;
const PARTS = ["source", "target", "issues", "note"]; // what a screen reader says of the sentence in hand

function select(row, { focus = true } = {}) {
  if (current) {
    current.element.classList.remove("current");
    current.element.tabIndex = -1;
    current.element.removeAttribute("aria-describedby");
    for (const id of PARTS) document.getElementById(`current-${id}`)?.removeAttribute("id");
  }
  current = row;
  field("actions").hidden = !row;
  if (!row) return;
  row.element.classList.add("current");
  row.element.tabIndex = 0;
  const where = row.element.querySelector(".no").textContent || row.unit.label;
  const codes = isRegrouped(row.group) ? [] : row.unit.codes;
  row.element.setAttribute("aria-label", [`Sentence ${where}`, row.piece.status, ...codes].filter(Boolean).join(", "));
  for (const id of PARTS) row.element.querySelector(`.${id}`)?.setAttribute("id", `current-${id}`);
  row.element.setAttribute("aria-describedby", PARTS.map((id) => `current-${id}`).join(" "));
  field("where").textContent = where;
  if (!focus) return;
  row.element.focus({ preventScroll: true });
  clearBars();
  row.element.scrollIntoView({ block: "nearest" });
}

// What is scrolled to must not end up under the bars.
function clearBars() {
  const bar = document.querySelector(".bar");
  const top = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
  document.documentElement.style.scrollPadding = `${top + 8}px 0 ${field("actions").offsetHeight + 32}px`;
}

// After a change rows are new: take the one that stands where `row` stood.
function reselect(row) {
  select(rows.find((other) => other.place === row.place && other.at === row.at) ?? rows.find((other) => other.place >= row.place) ?? rows.at(-1));
}

function move(step) {
  const shown = shownRows();
  const here = current ? shown.findIndex((row) => row.element === current.element) : -1;
  const next = here < 0 ? onScreen(shown) : shown[here + step];
  if (next) select(next);
}

// The first row below the bar: where a reader is who has nothing in hand yet.
function onScreen(shown) {
  const { bottom } = document.querySelector(".bar").getBoundingClientRect();
  return shown.find((row) => row.element.getBoundingClientRect().bottom > bottom + 8) ?? shown.at(-1);
}

function nextFlagged(step = 1) {
  const shown = shownRows();
  const here = current ? shown.findIndex((row) => row.element === current.element) : -1;
  const ring = step > 0 ? [...shown.slice(here + 1), ...shown.slice(0, here + 1)] : [...shown.slice(0, Math.max(here, 0)).reverse(), ...shown.slice(Math.max(here, 0)).reverse()];
  const row = ring.find((other) => isFlagged(other) && !other.piece.status);
  if (row) select(row);
  else say("Nothing flagged is left to review here");
}

function judge(status) {
  const row = current;
  if (status === "accepted" && row.piece.status === "edited") {
    move(1);
    return;
  }
  const back = row.piece.status === status;
  decide(row, { status: back ? "" : status });
  reselect(row);
  say(back ? "Not reviewed" : status);
  if (!back) move(1);
}

function tell(problem) {
  if (problem) notice("error", problem);
}

function takeBack() {
  closePanel?.();
  const place = undo();
  if (place === null) return say("Nothing to undo");
  select(rows.find((row) => row.place >= place) ?? rows.at(-1));
  return say("Undone");
}

function joinNext() {
  const row = current;
  tell(merge(row));
  reselect(row);
}

const COMMANDS = [
  { keys: ["a"], name: "Accept", run: () => judge("accepted") },
  { keys: ["Enter"], name: "Edit", run: () => edit(current) },
  { keys: ["r"], name: "Reject", run: () => judge("rejected") },
  { keys: ["c"], name: "Comment", run: () => comment(current) },
  { keys: ["s"], name: "Split", run: () => tell(divide(current)) },
  { keys: ["m"], name: "Merge", help: "Merge with the next", run: joinNext },
  { keys: ["u"], name: "Undo", always: true, run: takeBack },
  { keys: ["j", "ArrowDown"], help: "Next", always: true, run: () => move(1) },
  { keys: ["k", "ArrowUp"], help: "Previous", always: true, run: () => move(-1) },
  { keys: ["n"], help: "Next flagged", always: true, run: () => nextFlagged(1) },
  { keys: ["p"], help: "Previous flagged", always: true, run: () => nextFlagged(-1) },
  { keys: ["/"], help: "Search", always: true, run: () => openFilters(true) },
  { keys: ["?"], help: "These keys", always: true, run: () => openHelp() },
  { keys: ["Escape"], help: "Leave the sentence", run: () => {
    const { element } = current;
    select(null);
    element.blur();
  } },
];
const KEY_NAMES = { ArrowDown: "↓", ArrowUp: "↑", Enter: "↵", Escape: "Esc" };

function openFilters(isSearch = false) {
  field("panel").hidden = isSearch ? false : !field("panel").hidden;
  field("filters").setAttribute("aria-expanded", String(!field("panel").hidden));
  if (field("panel").hidden) return;
  filter({ hide: false });
  field("search").focus();
  if (isSearch) field("search").select();
}

function openHelp() {
  const keys = create("input", { type: "checkbox", id: "keys-on" });
  keys.checked = keysOn;
  keys.addEventListener("change", () => {
    keysOn = keys.checked;
  });
  const close = create("button", { type: "button" }, "Close");
  const names = (command) => command.keys.flatMap((key, i) => [...(i ? [" or "] : []), create("kbd", {}, KEY_NAMES[key] ?? key)]);
  const dialog = create("dialog", { "aria-labelledby": "keys-title" },
    create("h2", { id: "keys-title" }, "Keys"),
    create("dl", {}, ...COMMANDS.map((command) => create("div", {},
      create("dt", {}, ...names(command)),
      create("dd", {}, command.help ?? command.name),
    ))),
    create("p", {}, create("label", {}, keys, " Use single keys")),
    create("p", {}, "Your work is kept in this browser. Export saves your decisions as a file, and ",
      create("code", {}, "bilingual review apply"), " writes them into TSV, JSONL, TMX, XLIFF or XLSX."),
    create("p", {}, "Confidence is that of the pairing or, where that is known, the model's mean probability per word piece."),
    create("p", {}, close));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (current) select(current);
  });
  document.body.append(dialog);
  dialog.showModal();
}

function onKey(event) {
  if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const isField = event.target.matches?.("input, textarea, select");
  if (isField) {
    if (event.key === "Escape" && field("panel").contains(event.target) && current) select(current);
    return;
  }
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z") {
    event.preventDefault();
    takeBack();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const command = COMMANDS.find(({ keys }) => keys.includes(event.key));
  if (!command || (!command.always && !current) || (!keysOn && event.key.length === 1)) return;
  if (event.key === "Enter" && event.target.closest?.("button, a, summary")) return;
  if (event.key.startsWith("Arrow") && !current) return; // arrows scroll until a sentence is in hand
  event.preventDefault();
  command.run();
}

function begin() {
  const bar = field("actions");
  bar.append(create("span", { class: "where", id: "where" }));
  for (const command of COMMANDS.filter(({ name }) => name)) {
    const key = create("kbd", { "aria-hidden": "true" }, KEY_NAMES[command.keys[0]] ?? command.keys[0].toUpperCase());
    const button = create("button", { type: "button", "aria-keyshortcuts": command.keys[0] }, command.name, key);
    button.addEventListener("click", () => command.run());
    bar.append(button);
  }
  area.addEventListener("focusin", (event) => {
    const element = event.target.closest(".unit");
    if (element && element !== current?.element) select(rows.find((row) => row.element === element) ?? null, { focus: false });
  });
  area.addEventListener("click", (event) => {
    const number = event.target.closest("a.no");
    if (number) number.closest(".unit").focus({ preventScroll: true });
    const use = event.target.closest(".offers button");
    if (!use) return;
    const row = rows.find((other) => other.element === use.closest(".unit"));
    const target = row.unit.offers[Number(use.dataset.offer)];
    if (target !== row.piece.target) decide(row, { target, status: "edited" });
    reselect(row);
  });
  for (const unit of units) {
    if (!unit.offers.length) continue;
    unit.element.querySelectorAll(".offers li").forEach((item, i) => {
      item.firstElementChild.after(create("button", { type: "button", "data-offer": i }, "Use"));
    });
  }
  let frame = 0;
  area.addEventListener("pointermove", (event) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => light(event));
  });
  area.addEventListener("pointerleave", () => lit?.clear());
  document.addEventListener("keydown", onKey);
  field("next").addEventListener("click", () => nextFlagged(1));
  field("filters").addEventListener("click", () => openFilters());
  field("export").addEventListener("click", exportDecisions);
  field("import").addEventListener("click", () => field("file").click());
  field("file").addEventListener("change", async () => {
    await importDecisions(field("file").files[0]);
    field("file").value = "";
  });
  field("help").addEventListener("click", openHelp);
  field("clear").addEventListener("click", clearFilters);
  field("panel").addEventListener("submit", (event) => event.preventDefault());
  for (const name of DIMENSIONS) field(name).addEventListener("change", () => filter());
  field("order").addEventListener("change", sortRows);
  let typing = 0;
  field("search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => filter(), 60);
  });
  countRows();
  recall();
  countRows();
  count();
  field("tools").hidden = false;
}

if (units.length) begin();
