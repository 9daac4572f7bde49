// One conversation with the gateway: sends what was written, never loses it, and listens for what comes.
// Transport and storage are handed in, so that a test can play the network.

const LOST_RETRY_MS = 300;
const RETRY_MS = 3000;
const BUSY_RETRY_MS = 15000;
const POLL_MS = 3000;
const STREAM_RETRY_MS = 20000;
const KEPT = "hotline-chat";

/** An answer of the gateway that is not a success; `code` is the gateway's own, `status` is HTTP's. */
export class GatewayError extends Error {
  constructor(status, error) {
    super(error?.message ?? "系统这会儿不可用，请稍后再试");
    this.name = "GatewayError";
    this.status = status;
    this.code = error?.code ?? "unknown";
  }
}

/** A random UUID; crypto.randomUUID is missing on pages that are not served over https. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** POST or GET JSON; throws GatewayError, or TypeError when there is no network. */
export async function ask(fetch, path, { method = "GET", token, body } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) throw new GatewayError(response.status, answer?.error);
  return answer;
}

export class ChatSession {
  /** `told` has onBegin(), onMessages(list), onReply(reply), onOwner(owner), onNotice(text or null), onRefused(entry, text). */
  constructor({ fetch, WebSocket, storage, told, base = "", elderly = () => false }) {
    Object.assign(this, { fetch, WebSocket, storage, told, base, elderly });
    this.id = null;
    this.token = null;
    this.previous = null; // the conversation before, which the next one goes on with
    this.seen = 0; // all messages up to this number have been shown
    this.outbox = [];
    this.sending = false;
  }

  /** Take up the conversation of this tab again, or begin one; keeps trying while the gateway is away. */
  async start() {
    const kept = JSON.parse(this.storage.getItem(KEPT) ?? "{}");
    this.id = kept.id ?? null;
    this.token = kept.token ?? null;
    this.previous = kept.previous ?? null;
    this.outbox = kept.outbox ?? [];
    await this.flush();
    this.listen();
  }

  /** Queue a message and send it as soon as possible; returns the queued entry. */
  send(text) {
    const entry = { client_message_id: uuid(), text };
    this.outbox.push(entry);
    this.keep();
    this.flush();
    return entry;
  }

  keep() {
    this.storage.setItem(KEPT, JSON.stringify({ id: this.id, token: this.token, previous: this.previous, outbox: this.outbox }));
  }

  async flush() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.retry);
    try {
      if (!this.id) await this.begin();
      else if (!this.seen) await this.catchUp();
      while (this.outbox.length) await this.deliver(this.outbox[0]);
      this.told.onNotice(null);
    } catch (error) {
      this.wait(error);
    } finally {
      this.sending = false;
    }
  }

  async begin() {
    const body = { ...(this.previous && { previous: this.previous }), ...(this.elderly() && { elderly: true }) };
    const session = await ask(this.fetch, `${this.base}v1/chat/sessions`, { method: "POST", body });
    this.id = session.session_id;
    this.token = session.token;
    this.previous = null;
    this.seen = 0;
    this.keep();
    this.told.onBegin();
    this.take([session.greeting, session.resumed].filter(Boolean));
    this.told.onOwner("bot");
    this.reconnect();
  }

  async deliver(entry) {
    try {
      const reply = await ask(this.fetch, this.path("messages"), { method: "POST", token: this.token, body: entry });
      this.outbox.shift();
      this.keep();
      this.take(reply.messages);
      this.told.onOwner(reply.owner);
      this.told.onReply(reply, entry);
    } catch (error) {
      if (error instanceof GatewayError && (error.status === 413 || error.status === 422)) {
        this.outbox.shift();
        this.keep();
        this.told.onRefused(entry, error.message);
      } else throw error;
    }
  }

  /** After a failure: a lost session is begun anew, everything else is tried again with the same message id. */
  wait(error) {
    const status = error instanceof GatewayError ? error.status : 0;
    const lost = status === 404 || status === 401;
    if (lost) {
      // Its token still opens what the gateway keeps of it, unless it was refused.
      this.previous = status === 404 && this.id ? { session_id: this.id, token: this.token } : null;
      this.id = this.token = null;
      this.keep();
    } else this.told.onNotice(status ? error.message : "网络断了，您写的话我留着，连上就发。");
    this.retry = setTimeout(() => this.flush(), lost ? LOST_RETRY_MS : status === 429 ? BUSY_RETRY_MS : RETRY_MS);
  }

  async catchUp() {
    const state = await ask(this.fetch, this.path(`messages?after=${this.seen}`), { token: this.token });
    this.take(state.messages);
    this.told.onOwner(state.owner);
  }

  take(messages) {
    this.told.onMessages(messages);
    // Only an unbroken row counts as seen: what a reply skipped comes by the stream or the next poll.
    for (const { seq } of [...messages].sort((a, b) => a.seq - b.seq)) if (seq === this.seen + 1) this.seen = seq;
  }

  path(rest) {
    return `${this.base}v1/chat/sessions/${this.id}/${rest}`;
  }

  listen() {
    this.reconnect();
    setInterval(() => this.poll(), POLL_MS);
    setInterval(() => this.reconnect(), STREAM_RETRY_MS);
  }

  /** While the stream is away, ask. */
  async poll() {
    if (!this.id || this.sending || this.socket?.readyState === 1) return;
    try {
      await this.catchUp();
      if (!this.outbox.length) this.told.onNotice(null);
    } catch (error) {
      if (!this.outbox.length) this.wait(error);
    }
  }

  reconnect() {
    if (!this.id || (this.socket?.readyState <= 1 && this.socketId === this.id)) return;
    this.socket?.close();
    const address = new URL(this.path("stream"), location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new this.WebSocket(address.href);
    this.socket = socket;
    this.socketId = this.id;
    socket.onopen = () => socket.send(JSON.stringify({ token: this.token, after: this.seen }));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type !== "state" || this.socket !== socket) return;
      this.take(frame.messages);
      this.told.onOwner(frame.owner);
    };
  }
}
