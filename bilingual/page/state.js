// What is reviewed. A unit is as the file brought it and never changes. A group is a run of units and the pieces that
// stand for them now: one unit and one piece at first; splitting and merging make other groups. Groups and pieces are
// replaced, never changed, so that undo only has to put the old ones back.

const data = JSON.parse(document.getElementById("data").textContent);
const area = document.getElementById("units");
const invisible = /[\s\p{Z}\p{Cc}\p{Cf}]/gu;
const STATUSES = ["accepted", "edited", "rejected"];

const units = Array.from(area.querySelectorAll(".unit"), (element, index) => {
  const record = data.units[index];
  const [source, target] = [element.querySelector(".source"), element.querySelector(".target")];
  return {
    index,
    element,
    parent: element.parentNode,
    label: element.querySelector(".no").textContent,
    id: record.id,
    document: data.documents[record.document ?? 0],
    hash: record.hash,
    source: record.source ?? source.textContent,
    target: record.target ?? target.textContent,
    sourceLang: source.lang,
    targetLang: target.lang,
    kind: record.kind ?? "text",
    codes: record.codes ?? [],
    doubt: record.doubt,
    flagged: record.flagged ?? false,
    confidence: record.confidence ?? null,
    certainty: record.certainty ?? null,
    status: record.status ?? "",
    note: record.note ?? "",
    links: record.links ?? [],
    offers: record.offers ?? [],
  };
});

const asBrought = (unit) => ({ source: unit.source, target: unit.target, status: unit.status, note: unit.note });
const groups = units.map((unit) => ({ units: [unit], pieces: [asBrought(unit)] }));
const past = [];

// One row per piece, in the order of the document: what can be pointed at, filtered and sorted.
let rows = [];

function countRows() {
  rows = groups.flatMap((group, place) =>
    group.pieces.map((piece, at) => ({ group, place, at, piece, unit: group.units[0], element: elementOf(group, at) })),
  );
}

const isRegrouped = (group) =>
  group.units.length > 1 || group.pieces.length > 1 || group.pieces[0].source !== group.units[0].source;

function isDecided(group) {
  const [unit, piece] = [group.units[0], group.pieces[0]];
  return (
    isRegrouped(group) || piece.target !== unit.target || piece.status !== unit.status || piece.note !== unit.note
  );
}

// Both sides must keep every visible character.
const visible = (texts) => texts.join("").replace(invisible, "");
const isWhole = (before, after) => visible(before) === visible(after);

const joined = (texts, lang) => texts.filter(Boolean).join(/^(zh|ja)\b/.test(lang) ? "" : " ");

// Where pieces have come back to the units they came from, each unit gets its own group again.
function settled(someUnits, pieces) {
  const same = pieces.length === someUnits.length &&
    pieces.every((piece, i) => piece.source === someUnits[i].source &&
      (piece.target === someUnits[i].target || pieces.length === 1));
  return same
    ? someUnits.map((unit, i) => ({ units: [unit], pieces: [pieces[i]] }))
    : [{ units: someUnits, pieces }];
}

// Put groups in the place of `count` others; `steps` are undone together.
function change(steps) {
  const done = [];
  for (const { place, count, groups: fresh } of steps) {
    const removed = groups.splice(place, count, ...fresh);
    done.push({ place, removed, fresh });
    show(removed, fresh);
  }
  past.push(done);
  settle();
}

function undo() {
  const done = past.pop();
  if (!done) return null;
  for (const { place, removed, fresh } of done.toReversed()) {
    groups.splice(place, fresh.length, ...removed);
    show(fresh, removed);
  }
  settle();
  return done[0].place;
}

function settle() {
  countRows();
  keepSoon();
  count();
}

// Change fields of one piece.
function decide(row, fields) {
  const piece = { ...row.piece, ...fields };
  const pieces = row.group.pieces.with(row.at, piece);
  change([{ place: row.place, count: 1, groups: [{ units: row.group.units, pieces }] }]);
}

function merge(row) {
  const next = rows[rows.findIndex((other) => other.element === row.element) + 1];
  if (!next) return "There is no unit after this one.";
  if (next.unit.document !== row.unit.document) return "The next unit belongs to another document.";
  const [a, b] = [row.piece, next.piece];
  const piece = {
    source: joined([a.source, b.source], row.unit.sourceLang),
    target: joined([a.target, b.target], row.unit.targetLang),
    status: [a.status, b.status].includes("edited") ? "edited" : "",
    note: [a.note, b.note].filter(Boolean).join(" / "),
  };
  const together = row.group === next.group;
  const all = together ? row.group.units : [...row.group.units, ...next.group.units];
  const pieces = together ? row.group.pieces : [...row.group.pieces, ...next.group.pieces];
  const fresh = settled(all, pieces.toSpliced(row.at, 2, piece));
  change([{ place: row.place, count: together ? 1 : 2, groups: fresh }]);
  return "";
}

// Split a piece at the line breaks of both texts.
function split(row, sources, targets) {
  if (sources.length !== targets.length) {
    return `The source has ${sources.length} lines and the translation ${targets.length}; they must be as many.`;
  }
  if (sources.length < 2) return "Put a line break where the second unit begins, on both sides.";
  if (!isWhole([row.piece.source], sources)) return "Only line breaks may be added: the source is not what it was.";
  if (!isWhole([row.piece.target], targets)) {
    return "Only line breaks may be added: the translation is not what it was. Split first, then edit.";
  }
  if (sources.some((source, i) => !source && !targets[i])) return "A line is empty on both sides.";
  const fresh = sources.map((source, i) => ({
    source,
    target: targets[i],
    status: row.piece.status === "edited" ? "edited" : "",
    note: i ? "" : row.piece.note,
  }));
  const pieces = row.group.pieces.toSpliced(row.at, 1, ...fresh);
  change([{ place: row.place, count: 1, groups: settled(row.group.units, pieces) }]);
  return "";
}
