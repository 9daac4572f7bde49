// The conversation's panel: puts log, composer, menu and session together.

import { asking } from "./asking.js";
import { cardOf } from "./cards.js";
import { button, h } from "./dom.js";
import { ChatSession } from "./session.js";
import { listenButton, speakerOf } from "./speech.js";
import looks from "./styles/panel.js";
import { Log, isAlarm } from "./view.js";

const forms = () => import("./ticket_form.js");
const progress = () => import("./progress.js");
const ratings = () => import("./rating.js");
const photos = () => import("./photos.js");

// Safari says so by the number alone.
const composing = (event) => event.isComposing || event.keyCode === 229;

/**
 * Build the panel in a shadow root. `around` holds t, base, kept, tab (what this tab alone keeps), region, isLarge(), setLarge(on), setLanguage(),
 * dress(css), onClose (null: it cannot be closed) and onUnread(n).
 */
export class Panel {
  constructor(root, around) {
    const { t, base, kept, tab, region } = around;
    Object.assign(this, { around, t, kept, tab, unread: 0, opened: false, tail: [] });
    const ask = asking(base, window.fetch.bind(window));
    this.state = h("p", { role: "status" }, t.connecting);
    this.notice = h("p", { class: "notice", role: "status", hidden: true });
    this.list = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": t.log, tabindex: "0" });
    this.examples = h("div", { class: "examples" }, t.examples.map((text) => button(text, () => this.say(text), { lang: "zh-CN" })));
    this.text = h("textarea", {
      rows: 1, maxlength: 2000, placeholder: t.ask, "aria-label": t.ask, autocomplete: "off", oninput: () => this.written(),
      onkeydown: (event) => this.key(event),
    });
    this.speaker = speakerOf(t);
    this.use = {
      t, ask, kept, tab, root, region, cardOf: (card) => cardOf(card, this.use), speaker: this.speaker, say: (text) => this.say(text),
      onTicket: (box, card) => this.offerActs(box, card), onRated: () => { this.rate.hidden = true; },
    };
    this.log = this.use.log = new Log(this.list, this.use);
    this.session = this.use.session = new ChatSession({
      ask, base, kept, region, WebSocket: window.WebSocket, elderly: around.isLarge, wanted: () => this.opened, told: this.hearing(),
    });
    around.dress(looks);
    this.element = this.build();
    root.append(this.element);
  }

  build() {
    const { t, around } = this;
    const head = h("header", null,
      h("div", { class: "top" }, h("h2", null, t.name), this.largeButton(),
        button(t.language, around.setLanguage, { class: "rare", lang: t.lang === "en" ? "zh-CN" : "en", title: t.languageTitle }),
        around.onClose && button("✕", around.onClose, { "aria-label": t.close, title: t.close })), this.state);
    const menu = h("nav", { "aria-label": t.menu },
      button(t.human, () => this.say("转人工"), { class: "human" }), button(t.form, () => this.file()), button(t.progress, () => this.follow()),
      this.rate = button(t.rate, () => this.with(ratings, ({ gradeConversation }) => gradeConversation(this.use)), { hidden: true }),
      button(t.finish, () => this.finish(), { title: t.finishTitle }));
    const composer = h("form", { class: "composer", onsubmit: (event) => this.submit(event) }, this.text,
      listenButton(t, (heard) => this.hears(heard), (words) => this.log.doing(words)), h("button", { type: "submit" }, t.send));
    const ring = (name, number) => h("a", { href: `tel:${number}` }, `${name} ${number}`);
    const leaves = (event) => event.key === "Escape" && !composing(event) && around.onClose?.();
    return h("section", { class: "panel", "aria-label": t.name, lang: t.lang, onkeydown: leaves },
      head, menu, this.list, h("footer", null, this.examples, this.notice, composer,
        h("p", { class: "danger" }, t.danger, ring(t.fire, 119), ring(t.police, 110), ring(t.ambulance, 120))));
  }

  largeButton() {
    const { isLarge, setLarge } = this.around;
    const made = button(this.t.large, () => {
      setLarge(!isLarge());
      this.session.large(isLarge());
      made.setAttribute("aria-pressed", String(isLarge()));
    }, { "aria-pressed": String(isLarge()) });
    return made;
  }

  /** What the session tells. */
  hearing() {
    const { t } = this;
    return {
      onBegin: () => this.log.startAnew(),
      onForgotten: () => {
        this.log.clear();
        this.text.value = "";
      },
      onMessages: (messages) => {
        const fresh = this.log.show(messages);
        if (fresh.some(({ author }) => author === "caller")) this.examples.replaceChildren();
        for (const message of fresh) this.tail = message.author === "caller" ? [] : [...this.tail, message];
        if (fresh.some(({ author }) => author !== "caller")) this.log.doing("");
        const [id, seen] = this.kept.get("looked") ?? [];
        this.count(fresh.filter(({ author, seq }) => author !== "caller" && !(id === this.session.id && seq <= seen)).length);
      },
      onReply: (reply, { text }) => {
        this.log.doing("");
        this.offerRating(reply.outcome);
        if (isAlarm(reply.outcome)) this.log.alarm(reply.messages);
        if (reply.outcome === "fault") this.log.note(t.faultForm, button(t.form, () => this.file({ text })));
      },
      onState: (state) => {
        this.owner = state.owner;
        const words = state.owner === "queue" ? t.queue(state.queue) : state.owner === "operator" ? t.operator(state.person) : t.bot;
        if (this.state.textContent !== words) this.state.textContent = words; // said again it would be read out again
        this.offerRating(state.outcome);
        if (isAlarm(state.outcome)) this.log.alarm(this.tail); // after a reload, or in a second tab
        if (state.typing) this.log.doing(t.typing);
        else if (this.types) this.log.doing("");
        this.types = state.typing;
        if (state.read) this.log.read(state.read);
        this.count(0);
      },
      onNotice: (error) => {
        this.notice.hidden = !error;
        const words = error && (error.status ? error.message || t.fault : t.offline);
        if (error && this.notice.textContent !== words) this.notice.textContent = words;
        if (error) this.log.doing("");
      },
      onRefused: (_, error) => {
        this.log.doing("");
        this.log.note(error.message);
      },
    };
  }

  /** Show the panel, or put it away; the conversation begins when it is first shown. */
  show(on, focus = true) {
    this.opened = on;
    this.element.hidden = !on;
    if (!on) {
      this.speaker?.stop();
      return;
    }
    this.count(0);
    if (this.log.missed) this.log.follow(this.log.missed); // it came while nothing was to be seen
    if (!this.started) this.start();
    else if (!this.session.id) this.session.flush();
    if (focus) this.text.focus();
  }

  start() {
    this.started = true;
    this.text.value = this.tab.get("words") ?? "";
    this.session.start().then(() => {
      for (const name of this.tab.names("card:")) this.log.note(this.t.ticket.done, cardOf(this.tab.get(name), this.use));
    });
    for (const entry of this.session.outbox) this.log.showPending(entry);
  }

  offerRating(outcome) {
    this.rate.hidden = !outcome || this.kept.get("rated") === this.session.id;
  }

  say(text) {
    const words = text.trim();
    if (!words) return;
    this.examples.replaceChildren();
    this.log.showPending(this.session.send(words));
    if (navigator.onLine && this.owner !== "operator") this.log.doing(this.t.thinking);
  }

  submit(event) {
    event.preventDefault();
    this.say(this.text.value);
    this.text.value = "";
    this.written();
    this.text.focus();
  }

  key(event) {
    // While an input method is composing, Enter picks a word.
    if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
    event.preventDefault();
    this.text.form.requestSubmit();
  }

  /** What was spoken can still be changed before it is sent. */
  hears(words) {
    this.text.value += words;
    this.written();
    this.text.focus();
  }

  written() {
    const { value } = this.text;
    this.text.rows = Math.min(4, value.split("\n").length + Math.floor(value.length / 40));
    this.tab.set("words", value || null);
    if (value && this.owner === "operator") this.session.typing();
  }

  /** Count what came while nobody looked; what is looked at has been read. */
  count(more) {
    const looked = this.opened && !document.hidden;
    this.unread = looked ? 0 : this.unread + more;
    this.around.onUnread(this.unread);
    if (looked && this.session.id) this.kept.set("looked", [this.session.id, this.log.last()]);
    if (looked && this.owner === "operator") this.session.read();
  }

  looked() {
    this.count(0);
    if (this.started) this.session.wake();
  }

  /** The page is hidden. */
  away() {
    if (this.started) this.session.rest();
  }

  /** Go, so that another panel can take the conversation up. */
  leave() {
    this.speaker?.stop();
    this.session.leave();
    this.element.remove();
  }

  /** Load a part of the widget and do something with it; without a network say so. */
  async with(load, act) {
    try {
      act(await load());
    } catch {
      this.log.note(this.t.offline);
    }
  }

  file(known) {
    this.with(forms, ({ openForm }) => openForm(this.use, known));
  }

  follow(ticket) {
    this.with(progress, ({ openProgress }) => openProgress(this.use, ticket));
  }

  offerActs(box, card) {
    box.append(h("div", { class: "tools" }, button(this.t.photo.add, () => this.with(photos, ({ choosePhotos }) => choosePhotos(this.use, card))),
      button(this.t.progress, () => this.follow({ number: card.number, proof: card.proof }))));
  }

  finish() {
    if (!window.confirm(this.t.finishSure)) return;
    this.tab.clear();
    this.session.end();
  }
}
