// Work is kept in this browser while reviewing, and leaves it as a file.

const SHELF = "bilingual:";
const shelf = SHELF + data.key;
let unplaced = []; // decisions that do not fit this page; kept until the reader discards them
let isKept = true;
let hasUnsaved = false;
let keepTimer = 0;

function keepSoon() {
  hasUnsaved = true;
  clearTimeout(keepTimer);
  keepTimer = setTimeout(keep, 300);
}

function keep() {
  clearTimeout(keepTimer);
  const list = [...decisions(), ...unplaced];
  try {
    if (list.length) localStorage.setItem(shelf, written(list));
    else localStorage.removeItem(shelf);
    isKept = true;
  } catch (error) {
    if (isKept) {
      const full = error.name === "QuotaExceededError";
      notice("error", full
        ? "This browser's storage is full: your work is not kept here. Export it before you leave the page."
        : "This browser keeps nothing for this page: your work is lost when you leave it. Export it before.");
    }
    isKept = false;
  }
}

// Bring back what was kept, and offer what was kept for an earlier version of the same document.
function recall() {
  let text = null;
  const earlier = [];
  try {
    text = localStorage.getItem(shelf);
    for (let i = 0; i < localStorage.length; i += 1) {
      const name = localStorage.key(i);
      if (!name.startsWith(SHELF) || name === shelf) continue;
      const other = localStorage.getItem(name);
      if (other.slice(0, 1000).includes(JSON.stringify(data.document))) earlier.push([name, other]);
    }
  } catch {
    isKept = false;
    notice("error", "This browser keeps nothing for this page: your work is lost when you leave it. Export it before.");
  }
  if (text !== null) bringIn(text, "");
  past.length = 0; // what was kept is where undo ends
  hasUnsaved = false;
  for (const [name, other] of earlier) offerEarlier(name, other);
}

function offerEarlier(name, text) {
  let value;
  try {
    value = parsed(text);
  } catch {
    return;
  }
  const n = value.decisions.length;
  if (!data.document || value.document !== data.document || !n) return;
  notice("info", `This browser has ${n} decision${n === 1 ? "" : "s"} on an earlier version of this document.`, {
    buttons: [
      ["Bring in", () => bringIn(text, "the earlier version")],
      ["Discard", () => localStorage.removeItem(name)],
    ],
  });
}

function bringIn(text, from) {
  let value;
  try {
    value = parsed(text);
  } catch (error) {
    notice("error", `${from || "The kept work"}: ${error.message}`);
    return;
  }
  const { taken, same, stale } = adopt(value.decisions);
  const other = !taken && !same && stale.length > 0;
  if (from && !stale.length) notice("info", `${from}: ${taken} decision${taken === 1 ? "" : "s"} taken${same ? `, ${same} were here already` : ""}.`);
  if (!stale.length) return;
  if (from && other && data.document && value.document !== data.document) {
    notice("error", `${from}: these decisions are about “${value.document}”, not about this page; nothing was taken.`);
    return;
  }
  unplaced = [...unplaced, ...stale.map(({ decision }) => decision)];
  keepSoon();
  notice("error", `${from ? `${from}: ` : ""}${taken + same} taken, ${stale.length} not: they do not fit this page.`, {
    items: stale.map(({ decision, reason }) => `${decision.becomes.map((piece) => piece.source || piece.target).join(" ").slice(0, 80)}: ${reason}`),
    buttons: [["Discard", () => {
      unplaced = [];
      keep();
    }]],
  });
}

function exportDecisions() {
  const list = decisions();
  const name = (data.document || document.title).replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, "").replace(/[\p{C}<>:"|?*]/gu, "_");
  const link = create("a", { download: `${name || "document"}.decisions.json` });
  link.href = URL.createObjectURL(new Blob([written(list)], { type: "application/json" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  hasUnsaved = false;
  say(`${list.length} decisions exported`);
}

async function importDecisions(file) {
  if (file) bringIn(await file.text(), file.name);
}

let isWarned = false;
addEventListener("storage", (event) => {
  if (event.key !== shelf || isWarned) return;
  isWarned = true;
  notice("error", "This document is being reviewed in another tab, and only one of the two is kept: reload this page before you go on here.");
});
addEventListener("pagehide", () => {
  if (hasUnsaved) keep();
});
addEventListener("beforeunload", (event) => {
  if (!isKept && hasUnsaved) event.preventDefault();
});
