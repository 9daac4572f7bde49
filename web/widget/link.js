// What comes from the gateway: over a WebSocket, or by asking and waiting where none gets through.

import { json } from "./realm.js";

const QUIET_MS = 40_000; // the gateway gives a sign of life every 25 s
const FIRST_MS = 500;
const LONGEST_MS = 20_000;
const WAIT_S = 25;
const FAULTS = 2; // streams in a row that never said a word
const STREAM_AGAIN_MS = 60_000;

export class Link {
  /** `onState(state)` hears what is new, `onFault(error)` why nothing could be heard (GatewayError). */
  constructor({ ask, base, WebSocket, onState, onFault }) {
    Object.assign(this, { ask, base, WebSocket, onState, onFault });
    this.turn = 0;
  }

  /** Listen to a conversation, {id, token, after()}, until the next open or close. */
  open(session) {
    this.close();
    this.session = session;
    this.stand = "";
    this.run(this.turn);
  }

  close() {
    this.turn += 1;
    this.socket?.close();
    this.socket = null;
    this.waken?.();
  }

  /** Try again at once: the network has come back. A stream that seems open may be dead, so what was missed is asked for. */
  wake() {
    this.waken?.();
    if (this.socket?.readyState === 1) this.poll(this.turn, 0).catch(() => this.socket?.close());
  }

  /** Tell the other side {type: "typing"} or {type: "read", seq}. */
  sign(sign) {
    if (this.socket?.readyState === 1) this.socket.send(json(sign));
    else {
      const { id, token } = this.session;
      const body = sign.type === "typing" ? { typing: true } : { read: sign.seq };
      this.ask(`v1/chat/sessions/${id}/signs`, { token, body }).catch(() => {}); // a sign is worth no second try
    }
  }

  async run(turn) {
    let pause = FIRST_MS;
    let faults = 0;
    let streamAt = 0;
    while (turn === this.turn) {
      try {
        const streams = faults < FAULTS || Date.now() >= streamAt;
        if (streams && await this.stream(turn)) faults = 0;
        else if (streams) {
          faults += 1;
          streamAt = Date.now() + STREAM_AGAIN_MS;
        }
        if (turn !== this.turn) return;
        if (!streams || faults) await this.poll(turn, streams ? 0 : WAIT_S);
        pause = FIRST_MS;
      } catch (error) {
        if (turn === this.turn) this.onFault(error);
        pause = Math.min(LONGEST_MS, pause * 2);
      }
      await new Promise((done) => {
        this.waken = done;
        setTimeout(done, pause * (0.5 + Math.random()));
      });
    }
  }

  /** Ask once, waiting up to `wait` seconds for news. */
  async poll(turn, wait) {
    const { id, token, after } = this.session;
    const path = `v1/chat/sessions/${id}/messages?after=${after()}&wait=${wait}&stand=${this.stand}`;
    const state = await this.ask(path, { token, patience: (wait + 15) * 1000 });
    if (turn === this.turn) this.heard(state);
  }

  /** Listen until the stream ends; says whether it was one. */
  stream(turn) {
    return new Promise((done) => {
      const address = new URL(`v1/chat/sessions/${this.session.id}/stream`, this.base);
      address.protocol = address.protocol.replace("http", "ws");
      let timer;
      let lived = false;
      let socket;
      try {
        socket = new this.WebSocket(address.href);
      } catch {
        done(false); // some browsers refuse a forbidden one here
        return;
      }
      const wait = () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          socket.close();
          done(lived); // the other side may not even hear that it is closed
        }, QUIET_MS);
      };
      wait();
      this.socket = socket;
      socket.onopen = () => socket.send(json({ token: this.session.token, after: this.session.after() }));
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(data);
        wait();
        lived ||= !frame.error;
        if (frame.type === "state" && turn === this.turn) this.heard(frame);
      };
      socket.onerror = socket.onclose = () => { // a stream that the page's policy forbids has no close
        clearTimeout(timer);
        done(lived);
      };
    });
  }

  heard(state) {
    this.stand = state.stand;
    this.onState(state);
  }
}
