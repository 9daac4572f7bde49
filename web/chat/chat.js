// Puts the page together.

import { LargePrint } from "./large_print.js";
import { Rating } from "./rating.js";
import { ChatSession } from "./session.js";
import { TicketForm, ticketCard } from "./ticket_form.js";
import { Log, button, cardOf } from "./view.js";

const EXAMPLES = ["身份证丢了怎么补", "结婚登记要带什么", "怎么开一家公司", "小区路灯坏了没人修", "12345多久给答复"];
const OWNERS = { bot: "智能助手为您服务", queue: "正在排队等工作人员，您可以接着问", operator: "工作人员正在为您服务" };
const EMERGENCY_NUMBER = /(?<!\d)(?:119|110|120|122|12356)(?!\d)/g;

const $ = (id) => document.getElementById(id);
const log = new Log($("log"), say);
const fetchHere = (...request) => window.fetch(...request);
const form = new TicketForm($("ticket"), { fetch: fetchHere, opened });
const print = new LargePrint($("large"), document.documentElement, () => window.localStorage);

const session = new ChatSession({
  fetch: fetchHere,
  WebSocket: window.WebSocket,
  storage: window.sessionStorage,
  elderly: () => print.large,
  told: {
    onBegin: () => log.startAnew(),
    onMessages(messages) {
      log.show(messages);
      if (messages.some(({ author }) => author === "caller")) $("examples").replaceChildren();
    },
    onReply(reply, { text }) {
      log.thinking(false);
      rating.offer();
      if (isAlarm(reply.outcome)) log.alarm(reply.messages, numbersIn(reply.messages));
      if (reply.outcome === "fault") log.note("也可以把事情写下来：", button("填写工单", () => form.open(text)));
    },
    onOwner(owner) {
      $("state").textContent = OWNERS[owner] ?? OWNERS.bot;
    },
    onNotice(text) {
      if (text) log.thinking(false);
      $("notice").textContent = text ?? "";
      $("notice").hidden = !text;
    },
    onRefused(_, text) {
      log.thinking(false);
      log.note(text);
    },
  },
});

const rating = new Rating($("rating"), $("open-rating"), {
  fetch: fetchHere, storage: window.sessionStorage, session, told: (text) => log.note(text),
});

function isAlarm(outcome) {
  return outcome === "crisis" || outcome.startsWith("emergency_");
}

/** The numbers that an alarm's words name, in their order: injured people need 120 before 122. */
function numbersIn(messages) {
  return [...new Set(messages.flatMap(({ text }) => text.match(EMERGENCY_NUMBER) ?? []))];
}

function opened(ticket) {
  log.note("工单提交好了。", cardOf(ticketCard(ticket)));
  if (!ticket.alarm) return;
  const alarm = { id: `alarm-${ticket.number}`, author: "bot", text: ticket.alarm.text };
  log.show([alarm]);
  log.alarm([alarm], numbersIn([alarm]));
}

function say(text) {
  const words = text.trim();
  if (!words) return;
  $("examples").replaceChildren();
  log.showPending(session.send(words));
  log.thinking(navigator.onLine);
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  say($("text").value);
  $("text").value = "";
  fit();
  $("text").focus();
});
$("text").addEventListener("keydown", (event) => {
  // While an input method is composing, Enter picks a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
$("text").addEventListener("input", fit);
$("human").addEventListener("click", () => say("转人工"));
$("open-form").addEventListener("click", () => form.open());
window.addEventListener("online", () => session.flush());

/** Let the box grow with what is written; CSS sets its greatest height. */
function fit() {
  $("text").rows = Math.min(4, $("text").value.split("\n").length + Math.floor($("text").value.length / 40));
}

$("examples").append(...EXAMPLES.map((text) => button(text, () => say(text))));
session.start();
for (const entry of session.outbox) log.showPending(entry);
