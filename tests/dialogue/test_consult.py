"""Questions answered by facet, kept through follow-ups, asked back where two are close, refused where nothing is near."""

from __future__ import annotations

import httpx
import pytest

from tests.support.running_product import Chat, Product

pytestmark = pytest.mark.stack


def test_the_readmes_question_brings_the_right_materials(chat: Chat) -> None:
    turn = chat.say("俺身份证丢了咋补,要带啥?")
    assert (turn["outcome"], turn["item"], turn["facet"]) == ("answered", "id-card-reissue", "materials")
    assert "居民户口簿" in turn["said"]
    assert turn["card"]["code"] == "id-card-reissue"
    assert turn["card"]["basis"]


@pytest.mark.parametrize(("text", "item", "facet"), [
    ("办护照要多少钱", "passport-first", "fee"),
    ("结婚登记要带什么", "marriage-registration", "materials"),
    ("失业金在哪儿领", "unemployment-benefit", "location"),
    ("公司注销网上能办吗", "company-cancel", "online"),
    ("工伤认定要多长时间", "work-injury", "time_limit"),
    ("什么条件能吃低保", "minimum-living", "conditions"),
    ("二手房过户登记怎么办", "property-transfer", "process"),
    ("法律援助的依据是哪条规定", "legal-aid", "basis"),
    ("异地就医备案打什么电话问", "medical-remote", "phone"),
])
def test_a_question_is_answered_by_its_facet(chat: Chat, text: str, item: str, facet: str) -> None:
    turn = chat.say(text)
    assert (turn["outcome"], turn["item"], turn["facet"]) == ("answered", item, facet)


def test_a_follow_up_keeps_the_item_and_then_changes_the_region(chat: Chat) -> None:
    chat.say("护照丢了怎么补")
    fee = chat.say("那要多少钱呢")
    assert (fee["item"], fee["facet"]) == ("passport-renew", "fee")
    assert "120" in fee["said"]
    there = chat.say("烟台呢")
    assert (there["outcome"], there["item"], there["facet"], there["region"]) == ("answered", "passport-renew", "fee", "370600")


def test_a_regional_variant_is_told_in_its_region_only(product: Product) -> None:
    here = product.chat("370102").say("公司设立登记网上能办吗")
    elsewhere = product.chat("370600").say("公司设立登记网上能办吗")
    assert "泉城办" in here["said"]
    assert elsewhere["item"] == here["item"] == "company-setup"
    assert "泉城办" not in elsewhere["said"]


def test_close_items_are_asked_back_with_at_most_four_choices_and_the_answer_is_understood(chat: Chat) -> None:
    asked = chat.say("身份证怎么办")
    assert asked["outcome"] == "clarified"
    assert 2 <= len(asked["options"]) <= 4
    assert all(len(option) <= 12 for option in asked["options"])
    chosen = chat.say("第二个")
    if chosen["outcome"] == "clarified":  # several items stand behind the second choice
        chosen = chat.say("第一个")
    assert chosen["outcome"] == "answered"
    assert chosen["card"]["name"]


def test_a_choice_can_be_named_by_what_sets_it_apart(chat: Chat) -> None:
    assert any("丢" in option for option in chat.say("身份证怎么办")["options"])
    assert chat.say("丢了的那个")["item"] == "id-card-reissue"


def test_a_choice_can_be_pressed_as_it_stands_on_its_button(chat: Chat) -> None:
    option = next(option for option in chat.say("身份证怎么办")["options"] if "丢" in option)
    assert chat.say(option)["item"] == "id-card-reissue"


def test_none_of_the_choices_offers_a_person(chat: Chat) -> None:
    chat.say("身份证怎么办")
    turn = chat.say("都不是")
    while turn["outcome"] == "clarified":  # what was offered as something else
        turn = chat.say("都不是")
    assert (turn["outcome"], turn["options"]) == ("not_found", ["转人工", "登记工单"])


@pytest.mark.parametrize("text", ["去哪儿买彩票", "飞机票怎么改签", "明天会不会下雪", "给我推荐只股票"])
def test_what_is_not_known_is_never_answered_from_a_weak_match(chat: Chat, text: str) -> None:
    assert chat.say(text)["outcome"] in ("not_found", "out_of_scope", "clarified", "smalltalk")


def test_an_unknown_matter_offers_a_person_or_a_ticket(chat: Chat) -> None:
    turn = chat.say("去美国的签证怎么办")
    assert turn["outcome"] == "not_found"
    assert turn["options"] == ["转人工", "登记工单"]
    assert chat.say("登记工单")["outcome"] == "ticket_form"


def test_a_field_that_nobody_is_sure_of_is_said_to_be_unknown(chat: Chat) -> None:
    turn = chat.say("身份证丢失补领几点上班")
    assert (turn["outcome"], turn["facet"]) == ("answered", "hours")
    assert "没有准确信息" in turn["said"]


def test_an_aim_of_2018_is_told_as_an_aim_of_2018(chat: Chat) -> None:
    turn = chat.say("3545是什么意思")
    assert turn["outcome"] == "answered"
    assert "2018年" in turn["said"]


def test_the_parser_shows_the_ranked_items(product: Product) -> None:
    import json
    rasa = json.loads((product.data / "run.json").read_text())["rasa"]
    parsed = httpx.post(f"{rasa}/model/parse", json={"text": "身份证丢了怎么补"}, trust_env=False, timeout=10).json()
    assert parsed["knowledge"]["decision"] == "answer"
    assert parsed["knowledge"]["candidates"][0]["code"] == "id-card-reissue"
    assert len(parsed["knowledge"]["candidates"]) > 1


def test_several_requests_are_told_in_turn_or_asked_which_first(product: Product) -> None:
    two = product.chat().say("身份证丢了咋补，还有残疾人两项补贴咋领")
    assert (two["outcome"], two["item"]) == ("answered", "disability-allowance")
    assert [message["card"]["code"] for message in two["messages"] if message.get("card")] == ["id-card-reissue", "disability-allowance"]
    assert "您问了两件事" in two["said"]
    chat = product.chat()
    three = chat.say("身份证丢了咋补，还有居住证到期咋续，另外公积金能取不")
    assert (three["outcome"], len(three["options"])) == ("clarified", 3)
    first = chat.say("第二个")
    assert (first["outcome"], first["item"]) == ("answered", "residence-permit-endorse")
    assert "现在说吗" in first["said"]
    assert chat.say("好")["item"] == "id-card-reissue"
    dropped = chat.say("办护照要多少钱")
    assert (dropped["item"], "现在说吗" in dropped["said"]) == ("passport-first", False)
