// Service items, life events and tickets as cards that can be read, ticked, printed and taken along.

import { button, h } from "./dom.js";

const PHONE = /(?:^|\D)(\d{3,4}-\d{7,8}|1\d{10}|12\d{3}|9\d{4})(?!\d)/;
const CHECKED = new Set(["materials"]);
const ORDERED = new Set(["steps"]);

/** The card of a message; `use` as for Log. */
export function cardOf(card, use) {
  const { t } = use;
  const box = h("article", { class: `card ${card.kind}`, "aria-label": card.name ?? t.card.ticket, lang: card.kind !== "ticket" && "zh-CN" },
    h("h3", null, card.kind === "ticket" ? t.card.ticket : card.name ?? ""),
    card.number && h("div", { class: "number" }, card.number));
  for (const row of card.rows ?? []) if (row.key !== "number") box.append(...rowOf(row, card, use));
  const source = [card.basis?.length && t.card.basis + card.basis.join("、"), card.as_of && t.card.asOf + card.as_of].filter(Boolean);
  if (source.length) box.append(h("p", { class: "source" }, source.join("　")));
  if (card.kind === "ticket") use.onTicket?.(box, card);
  else box.append(h("div", { class: "tools", lang: t.lang }, button(t.card.print, () => print(box)), button(t.card.save, () => save(card, t), { class: "save" })));
  return box;
}

function rowOf({ key, title, lines = [], url }, card, use) {
  const head = h("h4", null, title);
  if (CHECKED.has(key)) return [head, ...checklist(lines, card.code, use)];
  if (key === "stages" && card.steps?.length) return [head, timeline(card.steps, lines, use)];
  const list = h(ORDERED.has(key) ? "ol" : "ul", null, lines.map((line) => h("li", null, key === "phone" ? ringable(line) : line)));
  return /^https?:\/\//.test(url ?? "")
    ? [head, list, h("a", { class: "go", lang: use.t.lang, href: url, target: "_blank", rel: "noopener noreferrer" }, use.t.card.online)] : [head, list];
}

/** Materials to be ticked off at home; what was ticked stays so. */
function checklist(lines, code, { t, kept }) {
  const name = `ticks:${code}`;
  const ticked = new Set(kept.get(name) ?? []);
  const count = h("p", { class: "count", role: "status", lang: t.lang });
  const tell = () => {
    const ready = lines.filter((line) => ticked.has(line)).length;
    count.textContent = t.card.ready(ready, lines.length);
    count.hidden = !ready;
  };
  const tick = (line, on) => {
    if (on) ticked.add(line);
    else ticked.delete(line);
    kept.set(name, ticked.size ? [...ticked] : null);
    tell();
  };
  tell();
  return [h("ul", { class: "checks" }, lines.map((line) => h("li", null, h("label", null,
    h("input", { type: "checkbox", checked: ticked.has(line), onchange: ({ target }) => tick(line, target.checked) }), h("span", null, line))))), count];
}

/** A life event's stages below each other; each step can be asked about. */
function timeline(steps, lines, { t, say }) {
  const stages = new Map();
  for (const step of steps) stages.set(step.stage ?? stages.size, [...(stages.get(step.stage) ?? []), step]);
  if (!steps.every(({ stage }) => Number.isInteger(stage))) return h("ol", null, lines.map((line) => h("li", null, line)));
  return h("ol", { class: "timeline" }, [...stages.keys()].sort((a, b) => a - b).map((stage) => h("li", null,
    h("b", null, t.card.stage(stage + 1), stages.get(stage).length > 1 && `（${t.card.together}）`),
    stages.get(stage).map(({ title, item, only_if: when }) => h("div", null,
      item ? button(title, () => say(title), { class: "step", "aria-label": t.card.ask(title) }) : title, when && h("small", null, ` ${when}`))))));
}

function ringable(line) {
  const number = line.match(PHONE)?.[1];
  return number ? h("a", { href: `tel:${number}` }, line) : line;
}

/** Print one card and nothing of the page around it, without a window of its own, which a page's policy may forbid. */
function print(box) {
  const host = box.getRootNode().host;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("@media print { body { display: none !important } html { height: auto !important; overflow: visible !important } }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  box.classList.add("printed");
  host.classList.add("printing");
  window.addEventListener("afterprint", () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    box.classList.remove("printed");
    host.classList.remove("printing");
  }, { once: true });
  window.print();
}

/** The card as a text file: every phone opens one. */
function save(card, t) {
  const parts = [card.name ?? t.card.ticket, ""];
  for (const { key, title, lines } of card.rows ?? []) parts.push(title, ...(lines ?? []).map((line) => (CHECKED.has(key) ? `□ ${line}` : `- ${line}`)), "");
  if (card.basis?.length) parts.push(t.card.basis + card.basis.join("、"));
  if (card.as_of) parts.push(t.card.asOf + card.as_of);
  const href = URL.createObjectURL(new Blob(["\ufeff", parts.join("\r\n")], { type: "text/plain;charset=utf-8" }));
  h("a", { href, download: `${(card.name ?? "12345").replace(/[\\/:*?"<>|]/g, " ")}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
