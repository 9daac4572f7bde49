// One conversation with the gateway: sends what was written, never loses it, goes on after a reload and in every tab.

import { GatewayError } from "./asking.js";
import { alone } from "./kept.js";
import { Link } from "./link.js";
import { uuid } from "./realm.js";

const LOST_RETRY_MS = 300;
const RETRY_MS = 3000;
const BUSY_RETRY_MS = 15_000;
const TYPING_MS = 4000;
const SESSION = "session";
const OUT = "out:";

export class ChatSession {
  /** `told` has onBegin(), onForgotten(), onMessages(list), onReply(reply, entry), onState(state), onNotice(error or null), onRefused(entry, error). */
  constructor({ ask, base, kept, told, WebSocket, region, elderly, wanted }) {
    Object.assign(this, { ask, kept, told, region, elderly, wanted });
    this.seen = 0; // all messages up to this number have been shown
    this.unkept = [];
    this.link = new Link({ ask, base, WebSocket, onState: (state) => this.heard(state), onFault: (error) => this.unheard(error) });
    kept.watch((name) => name === SESSION && this.changedElsewhere());
  }

  get id() { return this.held?.id; }

  get token() { return this.held?.token; }

  /** What was written and has not arrived yet, oldest first. */
  get outbox() {
    return this.kept.names(OUT).map((name) => this.kept.get(name)).filter(Boolean);
  }

  /** Take up the conversation of this browser again, or begin one; keeps trying while the gateway is away. */
  start() {
    this.held = this.kept.get(SESSION);
    return this.flush();
  }

  /** Keep a message and send it as soon as possible; returns what was kept. */
  send(text) {
    const entry = { client_message_id: uuid(), text };
    entry.name = `${OUT}${String(Date.now()).padStart(14, "0")}:${entry.client_message_id}`;
    this.kept.set(entry.name, entry);
    if (!this.kept.get(entry.name)) this.unkept.push(entry); // the browser has no room for it
    this.flush();
    return entry;
  }

  async flush() {
    if (this.sending || this.gone) return;
    this.sending = true;
    clearTimeout(this.retry);
    try {
      await alone(this.kept.prefix, async () => {
        this.adopt();
        if (!this.id && !this.wanted() && !this.outbox[0]) return; // the last one is over: a new one begins when it is opened
        if (!this.id) await this.begin();
        else if (!this.listening) await this.catchUp();
        this.listen();
        for (let entry; !this.gone && (entry = this.outbox[0] ?? this.unkept[0]);) {
          await this.deliver(entry);
          this.adopt(); // where tabs cannot be told apart, another one may have begun anew
          if (!this.id) await this.begin();
          this.listen();
        }
      });
    } catch (error) {
      this.wait(error);
    } finally {
      this.sending = false;
    }
  }

  /** Another tab may have begun anew meanwhile. */
  adopt() {
    const held = this.kept.get(SESSION);
    if (!held || held.id === this.id) return;
    this.held = held;
    this.anew();
  }

  changedElsewhere() {
    const held = this.kept.get(SESSION);
    if (!held && this.id) this.forget();
    else if (held?.id && held.id !== this.id) this.flush();
  }

  anew() {
    this.seen = 0;
    this.listening = null;
    this.told.onBegin();
  }

  async begin() {
    const { previous } = this.held ?? {};
    const body = { ...(this.region && { region: this.region }), ...(previous && { previous }), ...(this.elderly() && { elderly: true }) };
    const begun = await this.ask("v1/chat/sessions", { method: "POST", body }).catch((error) => {
      if (error.code !== "unknown_region") throw error;
      console.error(`data-region: ${error.message}`); // the page's fault is not the caller's
      return this.ask("v1/chat/sessions", { method: "POST", body: { ...body, region: undefined } });
    });
    this.keep({ id: begun.session_id, token: begun.token });
    this.anew();
    this.told.onNotice(null);
    this.take([begun.greeting, begun.resumed].filter(Boolean));
  }

  keep(held) {
    this.held = held;
    this.kept.set(SESSION, held);
  }

  async deliver(entry) {
    const { client_message_id, text } = entry;
    try {
      const reply = await this.ask(this.path("messages"), { token: this.token, body: { client_message_id, text } });
      this.delivered(entry);
      this.take(reply.messages);
      this.told.onNotice(null);
      this.told.onReply(reply, entry);
    } catch (error) {
      if (error.status !== 413 && error.status !== 422) throw error;
      this.delivered(entry);
      this.told.onRefused(entry, error);
    }
  }

  delivered(entry) {
    this.kept.set(entry.name, null);
    this.unkept = this.unkept.filter(({ name }) => name !== entry.name);
  }

  /** After a failure: a lost session is begun anew, everything else is tried again with the same message id. */
  wait(error) {
    if (!(error instanceof GatewayError)) console.error(error);
    const lost = error.status === 404 || error.status === 401;
    if (lost && this.id && (this.kept.get(SESSION)?.id ?? this.id) === this.id) {
      // Its token still opens what the gateway keeps of it, unless it was refused.
      this.keep({ previous: error.status === 404 ? { session_id: this.id, token: this.token } : null });
    }
    if (lost) {
      this.link.close();
      this.listening = null;
    } else this.told.onNotice(error);
    clearTimeout(this.retry);
    if (!this.gone) this.retry = setTimeout(() => this.flush(), lost ? LOST_RETRY_MS : error.status === 429 ? BUSY_RETRY_MS : RETRY_MS);
  }

  async catchUp() {
    this.heard(await this.ask(this.path(`messages?after=${this.seen}`), { token: this.token }));
  }

  listen() {
    if (this.listening === this.id || this.gone || document.hidden) return;
    this.listening = this.id;
    this.link.open({ id: this.id, token: this.token, after: () => this.seen });
  }

  heard(state) {
    this.take(state.messages);
    this.told.onState(state);
    this.told.onNotice(null);
  }

  /** The link tries again by itself, unless there is nothing left to listen to. */
  unheard(error) {
    if (error.status === 404 || error.status === 401) this.wait(error);
    else if (error.status !== 429) this.told.onNotice(error); // too many tabs: the link asks less often
  }

  take(messages) {
    this.told.onMessages(messages);
    // Only an unbroken row counts as seen: what a reply skipped comes by the stream or the next poll.
    for (const { seq } of [...messages].sort((a, b) => a.seq - b.seq)) if (seq === this.seen + 1) this.seen = seq;
  }

  /** Tell a person that the caller types; often is no use. */
  typing() {
    if (Date.now() - (this.typed ?? 0) < TYPING_MS) return;
    this.typed = Date.now();
    this.link.sign({ type: "typing" });
  }

  /** Tell a person how far the caller has read. */
  read() {
    if (this.seen <= (this.readTo ?? 0)) return;
    this.readTo = this.seen;
    this.link.sign({ type: "read", seq: this.seen });
  }

  /** Tell the desk that large print was chosen, or not any more. */
  large(on) {
    if (this.id) this.ask(this.path("signs"), { token: this.token, body: { elderly: on } }).catch(() => {}); // the next conversation begins with it
  }

  /** The network is back, or the page is looked at again. */
  wake() {
    this.link.wake();
    this.flush();
  }

  /** Listen and send no more; what was written is kept. */
  leave() {
    this.gone = true;
    this.link.close();
    clearTimeout(this.retry);
  }

  /** Nobody looks at the page: whoever opens many tabs shall not use up his streams. */
  rest() {
    this.link.close();
    this.listening = null;
  }

  /** Here, or in another tab, the caller has had the conversation erased. */
  forget() {
    this.link.close();
    this.held = this.listening = null;
    this.told.onForgotten();
  }

  /** Forget the conversation in this browser, then have it ended: he may be on his way already. */
  async end() {
    const [path, token] = [this.path("end"), this.token];
    this.kept.clear();
    this.unkept = [];
    this.forget();
    if (token) this.ask(path, { method: "POST", token, keepalive: true }).catch(() => {}); // it ends by itself as well
    return this.flush();
  }

  path(rest) {
    return `v1/chat/sessions/${this.id}/${rest}`;
  }
}
