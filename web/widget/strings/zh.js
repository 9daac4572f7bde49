// All that callers see and hear of the widget, in Simplified Chinese. The keys are those of en.js.

export default {
  lang: "zh-CN", name: "12345 智能助手", open: "12345 在线咨询", close: "收起", ring: "请打 12345", unread: (n) => `${n} 条新消息`, connecting: "正在连接…",
  bot: "智能助手为您服务", queue: (place) => (place ? `正在排队等工作人员，您是第 ${place.position} 位${place.minutes ? `，大约 ${place.minutes} 分钟` : ""}` : "正在排队等工作人员"),
  operator: (person) => `${person || "工作人员"}正在为您服务`, typing: "对方正在输入…", read: "已读", sending: "正在发送…", thinking: "正在查，请稍等…",
  who: { bot: "智能助手", caller: "我", operator: "工作人员", system: "" },
  log: "对话", ask: "请输入您要问的事", send: "发送", human: "联系人工", form: "填工单", progress: "查进度", rate: "评价", menu: "更多",
  large: "大字版", language: "EN", languageTitle: "English", finish: "清除", finishTitle: "结束并清除这台机器上的记录", finishSure: "结束这次对话，并清除这台机器上的记录？",
  examples: ["身份证丢了怎么补", "结婚登记要带什么", "怎么开一家公司", "小区路灯坏了没人修"],
  danger: "遇到危险请直接拨打：", fire: "火警", police: "报警", ambulance: "急救", call: (number) => `拨打 ${number}`,
  offline: "网络断了，您写的话我留着，连上就发。", fault: "系统这会儿不可用，我接着试。急事请直接拨打 12345。", faultForm: "也可以把事情写下来：",
  speak: "读出来", silent: "别读了", listen: "说话", listenTitle: "说的话由浏览器变成文字", listening: "请说…", unheard: "没听清，请再说一遍，或者打字",
  card: {
    basis: "依据：", asOf: "核对日期：", print: "打印", save: "下载", online: "去网上办", ready: (n, all) => `备齐 ${n}/${all}`,
    together: "可以同时办", stage: (n) => `第 ${n} 步`, ask: (title) => `怎么办：${title}`, ticket: "工单",
  },
  ticket: {
    title: "填写工单", lead: "写下您的事，我们交给负责的部门办，会给您一个单号。", kind: "是哪一类",
    kinds: ["求助", "投诉", "举报", "咨询", "建议", "表扬"], kindNames: {}, text: "什么事（必填）", address: "在什么地方",
    addressHint: "区县、街道、小区或门牌", anonymous: "匿名，不留姓名电话", name: "怎么称呼您", phone: "您的电话（查进度时要用后四位）",
    confidential: "请对我的信息保密", photos: "照片（最多 6 张）", submit: "提交", cancel: "不填了", needPhone: "请留一个电话，好给您答复；不想留，请勾选匿名。",
    needText: "请写一下是什么事。", done: "工单提交好了。", office: "办理部门", due: "答复期限", before: (day) => `${day} 之前`, code: "查询码", codeOnce: "只显示这一次，请记下来，查进度要用",
    how: "怎么查进度", howText: "凭单号和您手机号的后四位",
  },
  photo: { add: "添加照片", sending: (n, all) => `正在传照片 ${n}/${all}…`, done: (n) => `${n} 张照片已经附在工单上。`, failed: (name, why) => `照片“${name}”没传上：${why}`, retry: "重传", large: "一张最多 10 MB" },
  look: {
    title: "查工单进度", number: "16 位单号", proof: "手机号后四位，或者查询码", find: "查询", back: "关闭", stages: ["受理", "派单", "办理", "答复", "办结", "评价"],
    now: "现在", office: "办理部门", due: "期限", answer: "答复", question: "要您补充", urge: "催一下", urged: "已经帮您催了。", add: "补充情况", addHint: "要补充的话",
    added: "补充的话已经转过去了。", rate: "评价这张工单", wrong: "请填 16 位单号，和手机号后四位或者 8 位查询码。",
  },
  rating: {
    title: "这次服务您满意吗？", grades: ["非常满意", "满意", "基本满意", "不满意", "非常不满意"], gradeNames: {}, why: "哪里不满意？（可以不写）", submit: "提交", cancel: "不评了",
    choose: "请选一个。", thanks: "谢谢您的评价，我们记下了。",
  },
};
