"""Second stage: how a text and a name fit together, as numbers in 0..1 that a ranking weighs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from knowledge.matching.encode import SYLLABLES

SOUND_CREDIT = 0.75   # a character that only sounds alike is worth less than the character itself
FEATURES = ("cover_text", "cover_name", "pairs_text", "pairs_name", "heard_text", "heard_name", "heard_pairs_text", "heard_pairs_name",
            "order_text", "order_name", "run_text", "run_name", "general", "evidence")
GAINED = (0, 1, 4, 5, 8, 9, 12)   # of FEATURES: how much better an everyday word's official reading makes them
FULL_EVIDENCE = 18.0  # summed weight of a name that says enough: about four telling characters
OFTEN = 12.0          # one mention against none tells log 13, five tell log 61
ASKING = 0.5          # weight of a character in a question's own words (要带什么), against one that names the matter


@njit(cache=True, nogil=True)
def _mark(codes: Any, heard: Any, chars: Any, spoken: Any, sign: int) -> None:
    """Write `sign` where `chars` and `spoken` stand for a character or a sound of a text."""
    for i in range(codes.shape[0]):
        chars[codes[i]] = sign
        if heard[i] >= 0:
            spoken[heard[i]] = sign


@njit(cache=True, nogil=True)
def _compare(q: Any, qs: Any, wq_: Any, gq_: Any, n: Any, ns: Any, wn_: Any, gn_: Any,
             chars: Any, spoken: Any, sign: int, work: Any, out: Any) -> None:
    """Fill `out` with FEATURES of one text against one name; `w` weights characters by rarity here, `g` in the language.

    `chars` and `spoken` hold `sign` for what the text has: most characters of most names are passed over by a look at them. `work` is room
    for five numbers a character of the text.
    """
    lq, ln = q.shape[0], n.shape[0]
    wq = np.float32(0.0)
    wn = np.float32(0.0)
    for i in range(lq):
        wq += wq_[i]
    for j in range(ln):
        wn += wn_[j]
    if wq <= 0.0 or wn <= 0.0:
        return
    found, paired, before, row, runs = work[0], work[1], work[2], work[3], work[4]
    work[:, :lq + 1] = 0.0
    exact_n = heard_n = gen_both_n = gen_n = 0.0
    longest = np.float32(0.0)
    name_total = name_pair = name_heard = 0.0
    fresh = True  # nothing of `before` and `runs` is left to be cleared
    for j in range(ln):
        gen_n += gn_[j]
        single = double = 0.0
        if chars[n[j]] == sign or (ns[j] >= 0 and spoken[ns[j]] == sign):
            left_up = run_up = bits_up = np.float32(0.0)
            for i in range(lq):
                up, run_here, bits_here = row[i + 1], runs[i], before[i]
                bits = np.float32(0.0)  # 1: sounds alike, 2: is the same, 3: both
                if q[i] == n[j]:
                    bits = np.float32(3.0 if qs[i] >= 0 and qs[i] == ns[j] else 2.0)
                elif qs[i] >= 0 and qs[i] == ns[j]:
                    bits = np.float32(1.0)
                best = max(up, row[i])
                run = np.float32(0.0)
                if bits > 0.0:
                    credit = 1.0 if bits > 1.0 else SOUND_CREDIT
                    found[i] = max(found[i], credit)
                    single = max(single, credit)
                    if bits > 1.0 and bits_up > 1.0:
                        paired[i - 1] = double = 1.0
                    elif bits != 2.0 and bits_up != 2.0 and bits_up > 0.0:
                        paired[i - 1] = max(paired[i - 1], SOUND_CREDIT)
                        double = max(double, SOUND_CREDIT)
                    gain = credit * 0.5 * (wq_[i] + wn_[j])
                    best = max(best, np.float32(left_up + gain))
                    run = np.float32(run_up + gain)
                    if run > longest:
                        longest = run
                left_up, run_up, bits_up = up, run_here, bits_here
                row[i + 1], runs[i], before[i] = best, run, bits
            fresh = False
        elif not fresh:
            runs[:lq] = 0.0
            before[:lq] = 0.0
            fresh = True
        if single == 1.0:
            exact_n += wn_[j]
            gen_both_n += gn_[j]
        heard_n += single * wn_[j]
        if j > 0:
            weight = wn_[j - 1] + wn_[j]
            name_total += weight
            name_pair += weight if double == 1.0 else 0.0
            name_heard += double * weight
    exact_q = heard_q = gen_both = gen_q = total = pair = heard = 0.0
    for i in range(lq):
        gen_q += gq_[i]
        if found[i] == 1.0:
            exact_q += wq_[i]
            gen_both += gq_[i]
        heard_q += found[i] * wq_[i]
        if i + 1 < lq:
            weight = wq_[i] + wq_[i + 1]
            total += weight
            pair += weight if paired[i] == 1.0 else 0.0
            heard += paired[i] * weight
    out[0] = exact_q / wq
    out[1] = exact_n / wn
    out[4] = heard_q / wq
    out[5] = heard_n / wn
    if gen_q + gen_n > 0:
        out[12] = (gen_both + gen_both_n) / (gen_q + gen_n)
    out[13] = out[5] * min(1.0, wn / FULL_EVIDENCE)
    out[2], out[6] = (pair / total, heard / total) if total > 0 else (out[0], out[4])
    out[3], out[7] = (name_pair / name_total, name_heard / name_total) if name_total > 0 else (out[1], out[5])
    out[8] = row[lq] / wq
    out[9] = row[lq] / wn
    out[10] = longest / wq
    out[11] = longest / wn


@njit(cache=True, nogil=True)
def compare_all(codes: Any, begins: Any, weights: Any, generals: Any, text: Any, asks: Any, starts: Any, firsts: Any, lasts: Any,
                sounds: Any, rarity: Any, general: Any) -> Any:
    """Return FEATURES and GAINS of a text against some names, shape (names, features).

    The text's readings stand one after the other in `codes`, reading i from begins[i] to begins[i + 1], with the weights of their
    characters; the readings of name k are the stretches firsts[k] to lasts[k] of `text`. The first reading is the text as it stands: FEATURES
    compare these two, GAINS tell how much better the best pair of readings fits.
    """
    out = np.zeros((firsts.shape[0], len(FEATURES) + len(GAINED)), dtype=np.float32)
    heard_text = np.empty(codes.shape[0], dtype=np.int16)
    for i in range(codes.shape[0]):
        heard_text[i] = sounds[codes[i]]
    longest = 0
    for k in range(firsts.shape[0]):
        for entry in range(firsts[k], lasts[k]):
            longest = max(longest, starts[entry + 1] - starts[entry])
    heard = np.empty(longest, dtype=np.int16)
    name_weights = np.empty(longest, dtype=np.float32)
    name_generals = np.empty(longest, dtype=np.float32)
    chars = np.full(sounds.shape[0], -1, dtype=np.int16)
    spoken = np.full(SYLLABLES, -1, dtype=np.int16)
    work = np.zeros((5, codes.shape[0] + 1), dtype=np.float32)
    base = np.zeros(len(FEATURES), dtype=np.float32)
    for r in range(begins.shape[0] - 1):
        low, high = begins[r], begins[r + 1]
        _mark(codes[low:high], heard_text[low:high], chars, spoken, r)
        for k in range(firsts.shape[0]):
            best = out[k]
            for entry in range(firsts[k], lasts[k]):
                begin, size = starts[entry], starts[entry + 1] - starts[entry]
                name = text[begin:begin + size]
                for j in range(size):
                    heard[j] = sounds[name[j]]
                    share = np.float32(ASKING) if asks[begin + j] else np.float32(1.0)
                    name_weights[j] = rarity[name[j]] * share
                    name_generals[j] = general[name[j]] * share
                base[:] = 0.0
                _compare(codes[low:high], heard_text[low:high], weights[low:high], generals[low:high], name, heard[:size], name_weights[:size],
                         name_generals[:size], chars, spoken, r, work, base)
                if r == 0 and entry == firsts[k]:
                    best[:len(FEATURES)] = base
                else:
                    for g in range(len(GAINED)):
                        gain = base[GAINED[g]] - best[GAINED[g]]
                        if gain > best[len(FEATURES) + g]:
                            best[len(FEATURES) + g] = gain
    return out


@njit(cache=True, nogil=True)
def cover_all(codes: Any, weights: Any, rare_chars: Any, rare_pairs: Any, text: Any, starts: Any, ends_of_names: Any, places: Any,
              sounds: Any) -> Any:
    """Return how records know a text, shape (places, 5): a record is a stretch of `text`, its names first, up to `ends_of_names`.

    Column 0 and 1: how much of the text the record knows at all, as characters or sounds, and as pairs of them. Column 2 and 3: how often
    its names speak so, as the mean of log(1 + OFTEN · count) over characters and pairs, weighted by `rare_chars` and `rare_pairs`: what a
    naive Bayes classifier of the names would say. Column 4: the logarithm of how much its names say in all, over ten.
    """
    out = np.zeros((places.shape[0], 5), dtype=np.float32)
    length = codes.shape[0]
    char_total = pair_total = rare_total = rare_pair_total = 0.0
    for i in range(length):
        char_total += weights[i]
        rare_total += rare_chars[i]
        if i + 1 < length:
            pair_total += weights[i] + weights[i + 1]
            rare_pair_total += rare_pairs[i]
    if char_total <= 0.0:
        return out
    heard = np.empty(length + 1, dtype=np.int16)
    heard[length] = -1
    for i in range(length):
        heard[i] = sounds[codes[i]]
    chars = np.zeros(sounds.shape[0], dtype=np.int16)
    sounding = np.zeros(SYLLABLES, dtype=np.int16)
    _mark(codes, heard, chars, sounding, 1)
    single = np.empty(length, dtype=np.float64)
    double = np.empty(length, dtype=np.float64)
    count = np.empty(length, dtype=np.int64)
    pair_count = np.empty(length, dtype=np.int64)
    for k in range(places.shape[0]):
        begin = starts[places[k]]
        known = text[begin:starts[places[k] + 1]]
        spoken = ends_of_names[places[k]] - begin
        single[:] = 0.0
        double[:] = 0.0
        count[:] = 0
        pair_count[:] = 0
        for j in range(known.shape[0]):
            sound = sounds[known[j]]
            if chars[known[j]] == 0 and (sound < 0 or sounding[sound] == 0):
                continue
            for i in range(length):
                same = codes[i] == known[j]
                if not same and (sound < 0 or heard[i] != sound):
                    continue
                if same:
                    single[i] = 1.0
                    count[i] += j < spoken
                elif single[i] < SOUND_CREDIT:
                    single[i] = SOUND_CREDIT
                if i + 1 < length and j + 1 < known.shape[0]:
                    if same and codes[i + 1] == known[j + 1]:
                        double[i] = 1.0
                        pair_count[i] += j < spoken
                    elif double[i] < SOUND_CREDIT and heard[i + 1] >= 0 and heard[i + 1] == sounds[known[j + 1]]:
                        double[i] = SOUND_CREDIT
        covered = pairs = often = often_pairs = 0.0
        for i in range(length):
            covered += single[i] * weights[i]
            often += rare_chars[i] * np.log(1 + OFTEN * count[i])
            if i + 1 < length:
                pairs += double[i] * (weights[i] + weights[i + 1])
                often_pairs += rare_pairs[i] * np.log(1 + OFTEN * pair_count[i])
        out[k, 0] = covered / char_total
        out[k, 1] = pairs / pair_total if pair_total > 0.0 else out[k, 0]
        out[k, 2] = often / rare_total if rare_total > 0.0 else 0.0
        out[k, 3] = often_pairs / rare_pair_total if rare_pair_total > 0.0 else 0.0
        out[k, 4] = np.log(1 + spoken) / 10
    return out
