"""What codes of the server are called at the desk."""

from __future__ import annotations

REASONS = {
    "asked": "要人工", "handoff": "要人工", "misunderstood": "没听懂", "angry": "生气", "distressed": "情绪低落", "no_answer": "没有答案",
    "emergency_110": "警情110", "emergency_119": "火警119", "emergency_120": "急救120", "emergency_122": "事故122", "crisis": "心理危机",
    "returned": "退回排队", "transferred": "转来", "silent": "无人应答", "fault": "系统故障", "taken": "主动接入",
}
SKILLS = {"general": "综合", "tickets": "工单", "tax": "税务", "housing-fund": "公积金", "social-security": "社保医保"}
MOODS = {"calm": "平静", "angry": "生气", "distressed": "情绪低落"}
CHANNELS = {"web": "网页", "ivr": "电话", "phone": "电话"}
AUTHORS = {"caller": "来电人", "bot": "助手", "operator": "坐席", "system": "系统"}
TARGETS = {"12333": "12333", "人社": "12333", "12366": "12366", "税务": "12366", "12329": "12329", "公积金": "12329",
           "12315": "12315", "消费": "12315", "110": "110", "报警": "110", "119": "119", "火警": "119", "120": "120", "急救": "120",
           "排队": "queue", "queue": "queue"}
TARGET_NAMES = {"12333": "12333 人社", "12366": "12366 税务", "12329": "12329 公积金", "12315": "12315 消费",
                "110": "110", "119": "119", "120": "120", "queue": "队列，请同事接"}
HELP = (
    "F2　接入　　　　接最该接的一位；接入 3 是接第三位",
    "F3 F4 F5　　　　把第 1、2、3 条建议放进输入行，改好再按回车",
    "F6　转接　　　　转接 12333 备注；也可 12366、12329、12315、110、119、120",
    "　　　　　　　　转接 排队 tax 备注：还给队列，请会这一项的同事接",
    "F7　交还　　　　交还给智能助手；交还 备注",
    "F8　结束　　　　结束会话；转接、交还、结束都要再按一次回车确认",
    "F9　暂停/就绪　 暂停后不给您响铃，手上的会话照常",
    "Alt+数字　切换　换到第几个会话；Ctrl-N 下一个，Ctrl-P 上一个",
    "PgUp PgDn　　　 翻看前面的话",
    "说 结束　　　　 把“结束”这样的命令词当话说给来电人",
    "Ctrl-L　重画　　Esc　取消　　F10　退出",
)
