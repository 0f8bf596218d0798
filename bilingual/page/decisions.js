// Decisions: what differs from the file, as JSON that `bilingual review` reads.

const FORMAT = "bilingual-decisions";
const VERSION = 1;

// Units that share one id are told apart by their order.
const sharers = new Map();
for (const unit of units) sharers.set(unit.id, [...(sharers.get(unit.id) ?? []), unit]);

function stamp(unit) {
  const all = sharers.get(unit.id);
  const order = all.length > 1 ? { occurrence: all.indexOf(unit) + 1, of: all.length } : {};
  return { document: unit.document, id: unit.id, source_hash: unit.hash[0], target_hash: unit.hash[1], ...order };
}

const decisions = () => groups.filter(isDecided).map((group) => ({
  units: group.units.map(stamp),
  becomes: group.pieces,
}));

// One decision a line, so that an error can name it and a version control shows it.
function written(list) {
  const head = JSON.stringify({ format: FORMAT, version: VERSION, document: data.document, saved: new Date().toISOString() });
  const lines = list.map((decision) => JSON.stringify(decision)).join(",\n");
  return `${head.slice(0, -1)},"decisions":[\n${lines}${lines && "\n"}]}\n`;
}

// Read a decisions file; throws an Error whose message is for people.
function parsed(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON (line ${lineOf(error.message, text)}): ${error.message}`, { cause: error });
  }
  if (value?.format !== FORMAT || !Array.isArray(value.decisions)) {
    throw new Error("This is not a decisions file: it was not exported from such a page.");
  }
  if (value.version > VERSION) throw new Error("This decisions file was made by a newer version of bilingual.");
  value.decisions.forEach((decision, i) => {
    if (!isWellFormed(decision)) throw new Error(`Decision ${i + 1} of this file is damaged; nothing was taken from it.`);
  });
  return value;
}

// Some browsers name the line, some a position, some neither: then it is the first line that cannot go on as JSON.
function lineOf(message, text) {
  const named = /line (\d+)/.exec(message)?.[1];
  const position = /position (\d+)/.exec(message)?.[1];
  if (named) return Number(named);
  const lines = text.split("\n");
  if (position) return text.slice(0, Number(position)).split("\n").length;
  let [low, high] = [1, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBroken(lines.slice(0, middle).join("\n"))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isBroken(beginning) {
  try {
    JSON.parse(beginning);
    return false;
  } catch (error) {
    const position = Number(/position (\d+)/.exec(error.message)?.[1] ?? 0);
    return !/end of|unterminated/i.test(error.message) && position < beginning.length;
  }
}

const isText = (value) => typeof value === "string";
const isWellFormed = (decision) =>
  Array.isArray(decision?.units) && decision.units.length > 0 &&
  decision.units.every((unit) => isText(unit?.id) && isText(unit.source_hash) && isText(unit.target_hash)) &&
  Array.isArray(decision.becomes) && decision.becomes.length > 0 &&
  decision.becomes.every((piece) => isText(piece?.source) && isText(piece.target) && isText(piece.note) &&
    (piece.status === "" || STATUSES.includes(piece.status)));

// Bring decisions in. An edit holds for its source whatever the machine says now; anything else was said about one
// target and holds for that target only.
function adopt(list) {
  const placeOf = new Map(groups.flatMap((group, place) => group.units.map((unit) => [unit, place])));
  const [steps, stale, taken] = [[], [], new Set()];
  let same = 0;
  for (const decision of list) {
    const run = runOf(decision, taken);
    const fresh = isText(run) ? null : becoming(decision, run);
    const places = fresh && [...new Set(run.map((unit) => placeOf.get(unit)))];
    const held = places?.flatMap((place) => groups[place].units).length;
    let reason = isText(run) ? run : isText(fresh) ? fresh : "";
    if (!reason && held !== run.length) reason = "you have split or merged units here";
    if (reason) {
      stale.push({ decision, reason });
      continue;
    }
    run.forEach((unit) => taken.add(unit));
    const now = places.flatMap((place) => groups[place].pieces);
    if (JSON.stringify(now.map(fields)) === JSON.stringify(fresh.flatMap((group) => group.pieces).map(fields))) same += 1;
    else steps.push({ place: places[0], count: places.length, groups: fresh });
  }
  steps.sort((a, b) => b.place - a.place); // from the end, so that places stay right
  if (steps.length) change(steps);
  return { taken: steps.length, same, stale };
}

const fields = ({ source, target, status, note }) => [source, target, status, note];

// The units a decision speaks of, or the reason why there are none.
function runOf(decision, taken) {
  const [first] = decision.units;
  const candidates = sharers.get(first.id) ?? [];
  if (!candidates.length) return "its sentence is not in this document, or has changed";
  if (candidates.length !== (first.of ?? 1)) return "several sentences have its id";
  const start = candidates[(first.occurrence ?? 1) - 1]?.index ?? units.length;
  const run = units.slice(start, start + decision.units.length);
  if (run.length < decision.units.length || run.some((unit, i) => unit.id !== decision.units[i].id)) {
    return "its sentences are no longer neighbours";
  }
  if (run.some((unit, i) => unit.hash[0] !== decision.units[i].source_hash)) return "its source has changed";
  return run.some((unit) => taken.has(unit)) ? "another decision speaks of the same sentence" : run;
}

// The groups a decision asks for, or the reason why it cannot be had.
function becoming(decision, run) {
  const pieces = decision.becomes.map(({ source, target, status, note }) => ({ source, target, status, note }));
  if (!isWhole(run.map((unit) => unit.source), pieces.map((piece) => piece.source))) return "it would lose source text";
  const sameTargets = run.every((unit, i) => unit.hash[1] === decision.units[i].target_hash);
  const edited = pieces.every((piece) => piece.status === "edited");
  if (!sameTargets && !edited) return "the translation it was made for has changed";
  if (!pieces.some((piece) => piece.status === "edited") &&
      pieces.some((piece) => piece.status !== "rejected") &&
      !isWhole(run.map((unit) => unit.target), pieces.map((piece) => piece.target))) {
    return "it would change the translation without saying so";
  }
  return settled(run, pieces);
}
