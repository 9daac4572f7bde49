"""Pure Chinese text: normalising, numerals, pinyin, extraction. Knows nothing of the hotline."""
