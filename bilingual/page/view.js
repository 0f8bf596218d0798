// Pieces on the page. Texts are only ever written as text.

const made = new WeakMap(); // group -> the elements made for its pieces
const kept = new WeakMap(); // unit -> the marked nodes of its target, while an edit stands in their place
const lit = typeof Highlight === "function" && CSS.highlights ? new Highlight() : null;
if (lit) CSS.highlights.set("counterpart", lit);

const create = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const elementOf = (group, at) => (isRegrouped(group) ? made.get(group)[at] : group.units[0].element);

// Write a text with signs for characters nobody sees, as the server does for the texts of the file.
function write(element, text) {
  const parts = text.split(/((?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])/u);
  element.replaceChildren(...parts.map((part, i) => {
    if (i % 2 === 0) return part;
    const code = part.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    return create("span", { class: "sign" }, `U+${code}`);
  }).filter((part) => part !== ""));
}

// Replace groups on the page: the units' own articles while nothing is split or merged, made ones otherwise.
function show(removed, fresh) {
  for (const group of removed) {
    if (!isRegrouped(group)) continue;
    made.get(group).forEach((element) => element.remove());
    group.units.forEach((unit) => unit.element.classList.remove("gone"));
  }
  for (const group of fresh) {
    if (isRegrouped(group)) {
      if (!made.has(group)) made.set(group, group.pieces.map((piece, at) => article(group, at)));
      group.units[0].element.before(...made.get(group));
      group.units.forEach((unit) => unit.element.classList.add("gone"));
    } else {
      paint(group.units[0].element, group.pieces[0], group.units[0]);
    }
  }
}

function article(group, at) {
  const unit = group.units[0];
  const piece = group.pieces[at];
  const element = document.getElementById("unit").content.firstElementChild.cloneNode(true);
  element.classList.add(unit.kind, "regrouped");
  element.querySelector(".no").textContent = at ? "" : unit.label;
  element.querySelector(".no").classList.toggle("first", at === 0);
  for (const [side, lang] of [["source", unit.sourceLang], ["target", unit.targetLang]]) {
    const cell = element.querySelector(`.${side}`);
    cell.lang = lang;
    cell.dir = unit.element.querySelector(`.${side}`).dir;
    write(cell, piece[side]);
  }
  paint(element, piece, null);
  return element;
}

// Show status, comment and text of a piece in its article; `unit` is its unit when it stands for one alone.
function paint(element, piece, unit) {
  element.classList.remove(...STATUSES);
  if (piece.status) element.classList.add(piece.status);
  const target = element.querySelector(".target");
  if (unit && piece.target !== unit.target) {
    if (!kept.has(unit)) kept.set(unit, [...target.childNodes]);
    write(target, piece.target);
  } else if (unit && kept.has(unit)) {
    target.replaceChildren(...kept.get(unit));
    kept.delete(unit);
  }
  element.classList.toggle("changed", Boolean(unit) && piece.target !== unit.target);
  element.querySelector(".state")?.remove();
  element.querySelector(".note")?.remove();
  element.querySelector(".original")?.remove();
  if (!element.querySelector(".issues")?.childElementCount) element.querySelector(".issues")?.remove();
  if (piece.status) {
    if (!element.querySelector(".issues")) element.querySelector(".pair").after(create("ul", { class: "issues" }));
    element.querySelector(".issues").append(create("li", { class: "state" }, piece.status));
  }
  if (unit && piece.target !== unit.target) {
    const before = create("span", { lang: unit.targetLang, dir: target.dir });
    write(before, unit.target);
    element.append(create("p", { class: "original" }, "was: ", before));
  }
  if (piece.note) {
    const note = create("p", { class: "note", dir: "auto" });
    write(note, piece.note);
    element.append(note);
  }
}

// A line for people above the text; `items` are listed below it, `buttons` are [name, action].
function notice(kind, text, { items = [], buttons = [] } = {}) {
  const box = document.getElementById("notices");
  const line = create("div", { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status" }, create("span", {}, text));
  const close = () => {
    line.remove();
    box.hidden = !box.childElementCount;
  };
  for (const [name, action] of [...buttons, ["Close", () => {}]]) {
    const button = create("button", { type: "button" }, name);
    button.addEventListener("click", () => {
      close();
      action();
    });
    line.append(button);
  }
  if (items.length) line.append(create("ul", {}, ...items.map((item) => create("li", { dir: "auto" }, item))));
  box.append(line);
  box.hidden = false;
  return close;
}

function say(text) {
  document.getElementById("spoken").textContent = text;
}

// Pointing at a word lights it and its counterpart, where the file knows them.
function light(event) {
  lit?.clear();
  const cell = event.target.closest?.(".pair > .source, .pair > .target");
  const unit = cell && units[Number(/^u(\d+)$/.exec(cell.closest(".unit").id)?.[1])];
  if (!lit || !unit?.links.length || kept.has(unit)) return;
  const offset = offsetAt(cell, event.clientX, event.clientY);
  const side = cell.classList.contains("source") ? 0 : 2;
  const [source, target] = [unit.element.querySelector(".source"), unit.element.querySelector(".target")];
  for (let i = 0; i < unit.links.length; i += 4) {
    const link = unit.links.slice(i, i + 4);
    if (offset < link[side] || offset >= link[side + 1]) continue;
    lit.add(rangeOf(source, link[0], link[1]));
    lit.add(rangeOf(target, link[2], link[3]));
  }
}

const texts = (cell) => {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
};

function offsetAt(cell, x, y) {
  const caret = document.caretPositionFromPoint?.(x, y);
  const range = caret ? null : document.caretRangeFromPoint?.(x, y);
  const node = caret?.offsetNode ?? range?.startContainer;
  let before = 0;
  for (const text of texts(cell)) {
    if (text === node) return onGlyph(text, caret?.offset ?? range.startOffset, x, before);
    before += text.length;
  }
  return -1;
}

// A caret stands between two characters: take the one under the pointer.
function onGlyph(text, at, x, before) {
  const range = document.createRange();
  if (at > 0) {
    range.setStart(text, at - 1);
    range.setEnd(text, at);
    const box = range.getBoundingClientRect();
    if (x >= box.left && x < box.right) return before + at - 1;
  }
  return before + at;
}

function rangeOf(cell, start, end) {
  const range = document.createRange();
  let before = 0;
  for (const text of texts(cell)) {
    const after = before + text.length;
    if (start >= before && start < after) range.setStart(text, start - before);
    if (end > before && end <= after) range.setEnd(text, end - before);
    before = after;
  }
  return range;
}
