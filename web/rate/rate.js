// The page behind the link in a message: one ticket, five grades, once. The link's secret stays behind the # and goes nowhere but to the gateway.

const GRADES = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"];
const BAD = new Set(["不满意", "非常不满意"]);
const LINK = /^#(\d{16})\.([A-Za-z0-9_-]{22})$/;
const THANKS = "谢谢您的评价，我们记下了。";
const SORRY = "您的评价我们记下了。一个工作日之内，有工作人员给您回电话，核实以后督促整改。";
const NO_LINK = "这个链接不完整。请把短信里的链接整个点开，或者打12345评价。";
const WRONG_LINK = "这个链接不对，或者已经没有用了。请打12345评价，报工单编号就行。";
const NO_NETWORK = "网络断了，没有提交成功。请连上网再试一次。";

const $ = (id) => document.getElementById(id);
const form = $("form");
let shown = 0; // a link opened while another one is on its way wins

function tell(text, { fault = false, again = false } = {}) {
  $("told").textContent = text;
  $("told").className = fault ? "fault" : "";
  $("again").hidden = !again;
}

/** Ask the gateway; returns [HTTP status, body], status 0 without a network. */
async function ask(path, options) {
  try {
    const response = await fetch(path, { cache: "no-store", ...options });
    return [response.status, await response.json().catch(() => null)];
  } catch {
    return [0, null];
  }
}

function faultOf(status, answer) {
  if (!status) return NO_NETWORK;
  return status === 404 ? WRONG_LINK : answer?.error?.message ?? "系统这会儿不可用，请过一会儿再试，或者打12345评价。";
}

async function show() {
  const turn = ++shown;
  form.hidden = $("ticket").hidden = true;
  const link = LINK.exec(location.hash);
  if (!link) return tell(NO_LINK, { fault: true });
  tell("正在打开…");
  const [, number, token] = link;
  const [status, ticket] = await ask(`v1/tickets/${number}/rating`, { headers: { Authorization: `Bearer ${token}` } });
  if (turn !== shown) return;
  if (status !== 200 || !ticket) return tell(faultOf(status, ticket), { fault: true, again: status !== 404 });
  $("number").textContent = ticket.number;
  $("status").textContent = ticket.status_text;
  $("ticket").hidden = false;
  if (ticket.rating) return tell(`您已经评价过了：${ticket.rating}。每张工单只评价一次。`);
  if (!ticket.open) return tell("这张工单现在还不能评价，办结以后再请您来评。");
  tell("");
  form.reset();
  $("why").hidden = true;
  form.hidden = false;
}

async function submit(event) {
  event.preventDefault();
  const grade = form.elements.grade.value;
  if (!grade) return tell("请先选一个。", { fault: true });
  const [, number, token] = LINK.exec(location.hash);
  const reason = BAD.has(grade) ? form.elements.reason.value.trim() : "";
  const send = form.querySelector("[type=submit]");
  send.disabled = true;
  const [status, answer] = await ask(`v1/tickets/${number}/rate`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ grade, token, ...(reason && { reason }) }),
  });
  send.disabled = false;
  if (status === 409) return show(); // rated meanwhile: say how
  if (status !== 200 || !answer) return tell(faultOf(status, answer), { fault: true });
  $("status").textContent = answer.status_text;
  form.hidden = true;
  tell(BAD.has(answer.rating) ? SORRY : THANKS);
}

$("grades").append(...GRADES.map((grade) => {
  const label = document.createElement("label");
  const choice = Object.assign(document.createElement("input"), { type: "radio", name: "grade", value: grade });
  choice.addEventListener("change", () => { $("why").hidden = !BAD.has(grade); });
  label.append(choice, grade);
  return label;
}));
form.addEventListener("submit", submit);
$("again").addEventListener("click", show);
window.addEventListener("hashchange", show);
show();
