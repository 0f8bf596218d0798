// Which units are shown, in which order, and how many there are of each sort.

const field = (id) => document.getElementById(id);
const DIMENSIONS = ["code", "status", "kind", "confidence"];
const BANDS = [["low", "below 50 %"], ["middle", "50 to 80 %"], ["high", "80 % and more"], ["known", "not in question"]];
const sought = new WeakMap(); // piece -> its texts in lower case

// How sure the pairing is, or, where it is known, how sure the model was of its words (mean probability per token).
function band(unit) {
  const value = unit.confidence ?? unit.certainty;
  if (value === null) return "known";
  return value < 0.5 ? "low" : value < 0.8 ? "middle" : "high";
}

const valuesOf = {
  code: (row) => {
    const codes = isRegrouped(row.group) ? [] : row.unit.codes;
    return codes.length ? ["any", ...codes] : ["none"];
  },
  status: (row) => [row.piece.status || "open", ...(row.piece.note ? ["commented"] : [])],
  kind: (row) => [row.unit.kind],
  confidence: (row) => [isRegrouped(row.group) ? "known" : band(row.unit)],
};

const titles = {
  code: { any: "any issue", none: "no issue" },
  status: { open: "not reviewed", commented: "with a comment" },
  kind: { list_item: "list item" },
  confidence: Object.fromEntries(BANDS),
};

const order = { code: ["any", "none"], status: ["open", ...STATUSES, "commented"], kind: [], confidence: BANDS.map(([id]) => id) };

// What asks for a look: an error, a warning, a doubtful pairing; a remark alone does not.
const isFlagged = (row) => !isRegrouped(row.group) && row.unit.flagged;

function textOf(piece) {
  if (!sought.has(piece)) sought.set(piece, `${piece.source}\n${piece.target}\n${piece.note}`.toLowerCase());
  return sought.get(piece);
}

// Count every value under the other filters, and show what passes them all. Without `hide` only the counts change: what
// a decision takes out of the filter does not vanish under the reader's eyes.
function filter({ hide = true } = {}) {
  const wanted = DIMENSIONS.map((name) => field(name).value);
  const text = field("search").value.trim().toLowerCase();
  const counts = DIMENSIONS.map(() => new Map());
  const totals = DIMENSIONS.map(() => 0);
  const parents = new Map();
  let shown = 0;
  for (const row of rows) {
    const values = DIMENSIONS.map((name) => valuesOf[name](row));
    const found = !text || textOf(row.piece).includes(text);
    const failed = values.map((list, i) => Boolean(wanted[i]) && !list.includes(wanted[i]));
    const failures = failed.filter(Boolean).length;
    values.forEach((list, i) => {
      if (!found || failures > (failed[i] ? 1 : 0)) return;
      totals[i] += 1;
      for (const value of list) counts[i].set(value, (counts[i].get(value) ?? 0) + 1);
    });
    const fails = !found || failures > 0;
    if (hide && row.element.hidden !== fails) row.element.hidden = fails;
    if (!row.element.hidden) shown += 1;
    const parent = row.element.parentNode;
    parents.set(parent, parents.get(parent) || !row.element.hidden);
  }
  for (const [parent, isShown] of parents) if (parent.hidden === isShown) parent.hidden = !isShown;
  headFiles();
  DIMENSIONS.forEach((name, i) => options(name, counts[i], totals[i]));
  const all = shown === rows.length;
  field("shown").textContent = all ? `${shown.toLocaleString("en")} shown` : `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  field("clear").disabled = all && !text && wanted.every((value) => !value);
}

// A document's name stands only above units that are shown.
function headFiles() {
  let head = null;
  let isShown = false;
  for (const child of [...area.children, null]) {
    if (child && !child.classList.contains("file")) isShown ||= !child.hidden;
    else {
      if (head) head.hidden = !isShown;
      [head, isShown] = [child, false];
    }
  }
}

function options(name, counts, total) {
  const list = field(name);
  const chosen = list.value;
  const values = [...new Set([...order[name], ...[...counts.keys()].sort()])].filter((value) => counts.has(value) || value === chosen);
  const option = (value, title, n) => create("option", { value }, `${title} (${n.toLocaleString("en")})`);
  list.replaceChildren(option("", "all", total), ...values.map((value) => option(value, titles[name][value] ?? value, counts.get(value) ?? 0)));
  list.value = chosen;
  list.parentNode.hidden = name !== "status" && !chosen && values.length < 2;
}

function count() {
  const reviewed = rows.filter((row) => row.piece.status).length;
  const flagged = rows.filter((row) => isFlagged(row) && !row.piece.status).length;
  field("reviewed").textContent = reviewed ? ` · ${reviewed.toLocaleString("en")} reviewed` : "";
  field("next").textContent = flagged ? `Next flagged (${flagged.toLocaleString("en")})` : "Nothing flagged";
  field("next").disabled = !flagged;
  if (!field("panel").hidden) countSoon();
}

let filterTimer = 0;
function countSoon() {
  clearTimeout(filterTimer);
  filterTimer = setTimeout(() => filter({ hide: false }), 120);
}

function clearFilters() {
  for (const name of [...DIMENSIONS, "search"]) field(name).value = "";
  filter();
}

const inDocument = [...area.children];
let byDoubt = false;

function sortRows() {
  byDoubt = field("order").value === "doubt";
  if (byDoubt) {
    const flat = create("div", { class: "row flat" });
    const doubtful = rows.toSorted((a, b) => b.unit.doubt - a.unit.doubt || a.place - b.place || a.at - b.at);
    flat.append(...doubtful.map((row) => row.element), ...units.map((unit) => unit.element).filter((element) => element.classList.contains("gone")));
    area.replaceChildren(flat);
  } else {
    for (const group of groups) {
      if (isRegrouped(group)) group.units[0].parent.append(...made.get(group));
      for (const unit of group.units) unit.parent.append(unit.element);
    }
    area.replaceChildren(...inDocument);
  }
  filter();
}

// Rows as they stand on the screen now.
function shownRows() {
  const shown = rows.filter((row) => !row.element.hidden);
  return byDoubt ? shown.sort((a, b) => b.unit.doubt - a.unit.doubt || a.place - b.place || a.at - b.at) : shown;
}
