// The plain ticket form: works without the dialogue, so a request can be left even when that is down.

import { ask, uuid } from "./session.js";

/** Show the form in `dialog`; `opened(ticket)` is called with what the gateway answers. */
export class TicketForm {
  constructor(dialog, { fetch, opened, base = "" }) {
    Object.assign(this, { dialog, fetch, opened, base });
    this.form = dialog.querySelector("form");
    this.error = dialog.querySelector("#ticket-error");
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.form.elements.anonymous.addEventListener("change", () => this.fit());
    dialog.querySelector("#close-form").addEventListener("click", () => dialog.close());
    this.requestId = uuid();
  }

  open(text = "") {
    if (text && !this.form.elements.text.value) this.form.elements.text.value = text;
    this.say("");
    this.fit();
    this.dialog.showModal();
    this.form.elements.text.focus();
  }

  fit() {
    this.dialog.querySelector("#contact").hidden = this.form.elements.anonymous.checked;
  }

  say(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }

  read() {
    const fields = this.form.elements;
    const anonymous = fields.anonymous.checked;
    const written = (name) => fields[name].value.trim() || undefined;
    return {
      type: fields.type.value, text: fields.text.value.trim(), address: written("address"),
      name: anonymous ? undefined : written("name"), phone: anonymous ? undefined : written("phone"),
      anonymous, confidential: fields.confidential.checked, source_channel: "web", request_id: this.requestId,
    };
  }

  async submit(event) {
    event.preventDefault();
    const send = this.form.querySelector("[type=submit]");
    const body = this.read();
    if (!body.anonymous && !body.phone) {
      this.say("请留一个电话，好给您答复；不想留，请勾选匿名。");
      this.form.elements.phone.focus();
      return;
    }
    send.disabled = true;
    try {
      const ticket = await ask(this.fetch, `${this.base}v1/tickets`, { method: "POST", body });
      this.requestId = uuid(); // only now: sending the same form twice must not make two tickets
      this.form.reset();
      this.dialog.close();
      this.opened(ticket);
    } catch (error) {
      this.say(error instanceof TypeError ? "网络断了，没有提交成功。内容还在，请连上网再点提交。" : error.message);
    } finally {
      send.disabled = false;
    }
  }
}

/** A ticket as the card that the log shows. */
export function ticketCard(ticket) {
  const rows = [
    { title: "办理部门", lines: [ticket.department] },
    { title: "答复期限", lines: [`${ticket.due_on} 之前`] },
    ticket.code
      ? { title: "查询码", lines: [ticket.code, "只显示这一次，请记下来，查进度要用"] }
      : { title: "怎么查进度", lines: ["告诉我单号和您手机号的后四位"] },
  ];
  return { kind: "ticket", number: ticket.number, rows };
}
