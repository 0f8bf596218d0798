// Work inside a unit: edit its target, comment on it, split it.

let closePanel = null;

function panel(row, parts, { save, note, inPlace = false }) {
  closePanel?.();
  const problem = create("span", { class: "problem", role: "alert" });
  const [keep, cancel] = [create("button", { type: "button" }, "Save"), create("button", { type: "button" }, "Cancel")];
  const box = create("div", { class: "work" }, ...parts,
    create("div", { class: "buttons" }, keep, cancel, create("span", {}, note), problem));
  const close = () => {
    closePanel = null;
    box.remove();
    row.element.classList.remove("editing");
  };
  const finish = () => {
    problem.textContent = save() ?? "";
    if (!problem.textContent) close();
  };
  const leave = () => {
    close();
    select(row);
  };
  keep.addEventListener("click", finish);
  cancel.addEventListener("click", leave);
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return; // Enter and Escape belong to the input method
    const isText = event.target.tagName === "TEXTAREA";
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && isText && (event.ctrlKey || event.metaKey || (!event.shiftKey && save.onEnter))) {
      event.preventDefault();
      finish();
    }
  });
  row.element.classList.toggle("editing", inPlace);
  if (inPlace) row.element.querySelector(".target").after(box);
  else row.element.append(box);
  closePanel = close;
  box.querySelector("textarea").focus();
}

const textBox = (value, label, lang, dir) => {
  const box = create("textarea", { "aria-label": label, lang, dir, rows: "2" });
  box.value = value;
  return box;
};

function edit(row) {
  const target = row.element.querySelector(".target");
  const box = textBox(row.piece.target, "Translation", target.lang, target.dir);
  const save = () => {
    const text = box.value.trim();
    const back = !isRegrouped(row.group) && text === row.unit.target;
    if (text !== row.piece.target) decide(row, { target: text, status: back ? row.unit.status : "edited" });
    reselect(row);
    say("Saved");
  };
  save.onEnter = true;
  panel(row, [box], { save, note: "Enter saves, Escape leaves it as it was", inPlace: true });
  box.setSelectionRange(box.value.length, box.value.length);
}

function comment(row) {
  const box = textBox(row.piece.note, "Comment", "", "auto");
  const save = () => {
    if (box.value.trim() !== row.piece.note) decide(row, { note: box.value.trim() });
    reselect(row);
    say("Comment saved");
  };
  save.onEnter = true;
  panel(row, [create("p", {}, "Comment"), box], { save, note: "Enter saves" });
}

function divide(row) {
  const { source, target } = row.piece;
  if (/\n/.test(source + target)) return "This unit has line breaks of its own and cannot be split here.";
  const cut = proposedCut(source, 0.5);
  const boxes = ["source", "target"].map((side) => {
    const cell = row.element.querySelector(`.${side}`);
    const text = row.piece[side];
    const at = side === "source" ? cut : proposedCut(text, source ? cut / source.length : 0.5);
    const broken = at ? `${text.slice(0, at).trimEnd()}\n${text.slice(at).trimStart()}` : `${text}\n`;
    return textBox(broken, side === "source" ? "Source, one line per unit" : "Translation, one line per unit", cell.lang, cell.dir);
  });
  const save = () => {
    const [sources, targets] = boxes.map((box) => box.value.split("\n").map((line) => line.trim()));
    const problem = split(row, sources, targets);
    if (problem) return problem;
    reselect(row);
    say(`Split into ${sources.length}`);
    return "";
  };
  panel(row, [create("div", { class: "two" }, ...boxes)],
    { save, note: "One line per unit, as many lines on both sides; Ctrl+Enter saves" });
  return "";
}

// After the punctuation mark nearest to the given part of the text; the ends of sentences before commas.
function proposedCut(text, part) {
  for (const marks of [/[。！？；;!?…]+[”’"』」）)]*\s*/gu, /[.]["”’)]*\s+/gu, /[，、,:：]\s*/gu, /\s+/gu]) {
    const ends = [...text.matchAll(marks)].map((match) => match.index + match[0].length).filter((end) => end < text.length);
    if (ends.length) return ends.reduce((a, b) => (Math.abs(b - part * text.length) < Math.abs(a - part * text.length) ? b : a));
  }
  return 0;
}
