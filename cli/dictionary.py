"""The segmenter's dictionary, generated from knowledge, departments and places, frozen with the model."""

from __future__ import annotations

from cli.paths import JIEBA
from core.bootstrap import load_regions
from knowledge.bootstrap import load_catalogue, load_lexicon

LONGEST = 8      # characters; a longer name as one token would hide the words that callers use
LONGEST_SPOKEN = 4  # of the matcher's words; the longer ones are whole phrases (房产证丢了), and the classifier learns from their parts
FREQUENCY = 2000  # above what jieba gives rare words, below the commonest


def words() -> list[str]:
    """Return the words that must stay whole, sorted."""
    catalogue, departments, _ = load_catalogue()
    found = {word for word in load_lexicon().words if len(word) <= LONGEST_SPOKEN}
    found |= {department.name for department in departments.values()}
    found |= {material.name for item in catalogue.items() for material in item.materials}
    found |= {item.result.name for item in catalogue.items() if item.result}
    for region in load_regions():
        found |= {region.name, region.short}
    return sorted(word for word in found if 2 <= len(word) <= LONGEST and word.isalnum() and not word.isascii())


def render() -> str:
    """Return the dictionary file's text."""
    return "".join(f"{word} {FREQUENCY} n\n" for word in words())


def write() -> bool:
    """Write the dictionary; return whether it changed."""
    text = render()
    if JIEBA.exists() and JIEBA.read_text(encoding="utf-8") == text:
        return False
    JIEBA.parent.mkdir(parents=True, exist_ok=True)
    JIEBA.write_text(text, encoding="utf-8")
    return True
