// The five grades for a conversation, asked for once, when the caller says that he is done.

import { GatewayError, ask } from "./session.js";

const RATED = "hotline-rated"; // id of the conversation that has its grade
const BAD = new Set(["不满意", "非常不满意"]);

/** Show `opener` once something was answered; the grade goes out for `session`, what is said to it to `told(text)`. */
export class Rating {
  constructor(dialog, opener, { fetch, storage, session, told, base = "" }) {
    Object.assign(this, { dialog, opener, fetch, storage, session, told, base });
    this.form = dialog.querySelector("form");
    this.error = dialog.querySelector(".error");
    opener.addEventListener("click", () => dialog.showModal());
    dialog.querySelector("#close-rating").addEventListener("click", () => dialog.close());
    this.form.addEventListener("change", () => this.fit());
    this.form.addEventListener("submit", (event) => this.submit(event));
  }

  /** Call after every answer: only shows or hides the button, never asks by itself. */
  offer() {
    this.opener.hidden = this.storage.getItem(RATED) === this.session.id;
  }

  fit() {
    this.dialog.querySelector("#rating-why").hidden = !BAD.has(this.form.elements.grade.value);
  }

  async submit(event) {
    event.preventDefault();
    const { grade, reason } = this.form.elements;
    const why = BAD.has(grade.value) ? reason.value.trim() : "";
    const { id, token } = this.session;
    const send = this.form.querySelector("[type=submit]");
    send.disabled = true;
    try {
      const rated = await ask(this.fetch, `${this.base}v1/chat/sessions/${id}/rating`, {
        method: "POST", token, body: { grade: grade.value, ...(why && { reason: why }) },
      });
      this.done(id, rated.text);
    } catch (error) {
      if (error instanceof GatewayError && error.status === 409) this.done(id, error.message);
      else this.say(error instanceof TypeError ? "网络断了，没有提交成功，请再试一次。" : error.message);
    } finally {
      send.disabled = false;
    }
  }

  done(id, text) {
    this.storage.setItem(RATED, id);
    this.form.reset();
    this.fit();
    this.say("");
    this.dialog.close();
    this.offer();
    this.told(text);
  }

  say(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }
}
