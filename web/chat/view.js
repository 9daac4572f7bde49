// What the caller sees: bubbles, cards, choices. Words go in through textContent only.

const WHO = { bot: "智能助手", caller: "我", operator: "工作人员", system: "" };

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export function button(text, act) {
  const made = element("button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** The log of a conversation; `choose(text)` is called with the text of a chosen option. */
export class Log {
  constructor(root, choose) {
    this.root = root;
    this.choose = choose;
    this.shown = new Map(); // by message id, and by client_message_id while it is on its way
  }

  /** Show messages in the order of their numbers, each once. */
  show(messages) {
    for (const message of messages) {
      if (this.shown.has(message.id)) continue;
      const own = message.client_message_id && this.shown.get(message.client_message_id);
      const line = own ?? this.line(message);
      line.classList.remove("waiting");
      this.shown.set(message.id, line);
      line.dataset.seq = message.seq || this.last(); // an alarm that could not be stored has none
      this.place(line);
    }
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
  }

  /** A new conversation counts from one again: what stands there stays above it. */
  startAnew() {
    for (const line of this.root.children) if (line.dataset.seq) line.dataset.seq = "0";
  }

  last() {
    return Math.max(0, ...[...this.root.children].map((line) => Number(line.dataset.seq || 0)));
  }

  thinking(on) {
    this.dots ??= this.line({ author: "bot", text: "正在查，请稍等…" });
    this.dots.setAttribute("aria-hidden", "true");
    if (on) this.place(this.dots);
    else this.dots.remove();
  }

  /** Make the last of these messages an alarm, with numbers to ring. */
  alarm(messages, numbers) {
    const line = this.shown.get(messages.at(-1)?.id);
    if (!line || line.querySelector(".call")) return;
    line.classList.add("alarm");
    const call = element("div", "call");
    for (const number of numbers) {
      const link = element("a", "", `拨打 ${number}`);
      link.href = `tel:${number}`;
      call.append(link);
    }
    line.append(call);
    this.follow(line);
  }

  line({ author, text, card, options }) {
    const line = element("div", `message ${author}`);
    if (WHO[author]) line.append(element("div", "who", WHO[author]));
    line.append(element("div", "bubble", text));
    if (card) line.append(cardOf(card));
    if (options?.length) {
      const row = element("div", "options");
      row.append(...options.map((option) => button(option, () => this.choose(option))));
      line.append(row);
    }
    return line;
  }

  place(line) {
    const seq = Number(line.dataset.seq || Infinity);
    const after = [...this.root.children].find((other) => other !== line && Number(other.dataset.seq || Infinity) > seq);
    if (after) this.root.insertBefore(line, after);
    else if (this.root.lastElementChild !== line) this.root.append(line);
    this.follow(line);
  }

  /** Go to the end, but keep the beginning of a long answer in sight: it is read from there. */
  follow(line) {
    this.root.scrollTop = line.offsetTop - this.root.offsetHeight / 8;
  }
}

/** A service item or a ticket as a list that can be read out. */
export function cardOf(card) {
  const box = element("section", "card");
  box.append(element("h3", "", card.kind === "ticket" ? "工单" : card.name ?? ""));
  if (card.number) box.append(element("div", "number", card.number));
  for (const { title, lines } of card.rows ?? []) {
    box.append(element("h4", "", title));
    const list = element("ul");
    list.append(...(lines ?? []).map((line) => element("li", "", line)));
    box.append(list);
  }
  const source = [card.basis?.length ? `依据：${card.basis.join("、")}` : "", card.as_of ? `核对日期：${card.as_of}` : ""].filter(Boolean);
  if (source.length) box.append(element("p", "source", source.join("　")));
  return box;
}
