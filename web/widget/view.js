// What the caller sees of a conversation: bubbles, choices, alarms.

import { cardOf } from "./cards.js";
import { button, h } from "./dom.js";

const EMERGENCY_NUMBER = /(?:^|\D)(119|110|120|122|12356)(?!\d)/g; // older browsers know no look-behind

export const isAlarm = (outcome) => outcome === "crisis" || Boolean(outcome?.startsWith("emergency_"));

/** The log; `use` holds t (strings), say(text), kept, speaker (or null) and onTicket(element, card). */
export class Log {
  constructor(root, use) {
    Object.assign(this, { root, use });
    this.shown = new Map(); // by message id, and by client_message_id while it is on its way
    this.hint = h("div", { class: "hint" });
  }

  /** Show messages in the order of their numbers, each once; returns those that were new. */
  show(messages) {
    const fresh = messages.filter(({ id }) => !this.shown.has(id));
    let line;
    for (const message of fresh) {
      const own = message.client_message_id && this.shown.get(message.client_message_id);
      line = own || this.line(message);
      line.classList.remove("waiting");
      this.shown.set(message.id, line);
      line.dataset.seq = message.seq || this.last(); // an alarm that could not be stored has none
      this.put(line);
    }
    if (line) this.follow(line); // once: each measures the whole log
    return fresh;
  }

  /** Show what was just written, before the gateway has it. */
  showPending({ client_message_id: id, text }) {
    if (this.shown.has(id)) return;
    const line = this.line({ author: "caller", text });
    line.classList.add("waiting");
    this.shown.set(id, line);
    this.place(line);
  }

  /** A line of the page itself, such as a refusal; extras are elements put under it. */
  note(text, ...extras) {
    const line = this.line({ author: "system", text });
    line.append(...extras);
    line.dataset.seq = this.last();
    this.place(line);
    return line;
  }

  /** A new conversation counts from one again: what stands there stays above it. */
  startAnew() {
    for (const line of this.root.children) if (line.dataset.seq) line.dataset.seq = "0";
  }

  clear() {
    this.root.replaceChildren();
    this.shown.clear();
  }

  last() {
    let last = 0;
    for (const line of this.root.children) last = Math.max(last, Number(line.dataset.seq || 0));
    return last;
  }

  /** What goes on at the other side ("正在输入…"), or nothing. */
  doing(text) {
    if (text) {
      if (this.hint.textContent !== text) this.hint.textContent = text;
      this.place(this.hint);
    } else if (this.hint.parentNode) this.hint.remove(); // old libraries have a remove() that needs one
  }

  /** Mark the caller's last message that the other side has read. */
  read(seq) {
    this.root.querySelector(".seen")?.remove();
    const own = [...this.root.querySelectorAll(".caller")].filter((line) => Number(line.dataset.seq) <= seq);
    own[own.length - 1]?.append(h("div", { class: "seen" }, this.use.t.read));
  }

  /** Make the last of these messages an alarm, with the numbers that it names to ring, in their order. */
  alarm(messages) {
    const line = this.shown.get(messages[messages.length - 1]?.id);
    if (!line || line.querySelector(".call")) return;
    const numbers = new Set(messages.flatMap(({ text }) => [...text.matchAll(EMERGENCY_NUMBER)].map(([, number]) => number)));
    line.classList.add("alarm");
    line.querySelector(".bubble").before(
      h("div", { class: "call" }, [...numbers].map((number) => h("a", { href: `tel:${number}` }, this.use.t.call(number)))));
    this.follow(line);
  }

  line({ author, text, card, options, name }) {
    const { t, speaker, say } = this.use;
    const speaks = author === "bot" || author === "operator"; // in Chinese, whatever the panel's language
    const line = h("div", { class: `message ${author}` },
      t.who[author] && h("div", { class: "who" }, author === "operator" && name ? name : t.who[author]),
      h("div", { class: "bubble", lang: speaks && "zh-CN" }, text));
    if (card) line.append(cardOf(card, this.use));
    if (speaker && speaks) line.append(speaker.button(text));
    if (options?.length) line.append(h("div", { class: "options", lang: "zh-CN" }, options.map((option) => button(option, () => say(option)))));
    return line;
  }

  place(line) {
    this.put(line);
    this.follow(line);
  }

  /** Put a line behind all that do not come after it. */
  put(line) {
    const seq = Number(line.dataset.seq || Infinity);
    let before = this.root.lastElementChild;
    while (before && (before === line || Number(before.dataset.seq || Infinity) > seq)) before = before.previousElementSibling;
    const next = before ? before.nextElementSibling : this.root.firstElementChild;
    if (next !== line) this.root.insertBefore(line, next);
  }

  /** Go to the end, but keep the beginning of a long answer in sight: it is read from there. */
  follow(line) {
    this.missed = this.root.offsetHeight ? null : line; // what is put away has no places
    this.root.scrollTop = line.offsetTop - this.root.offsetHeight / 8;
  }
}
