"""The dense channel with tiny real models: a table of vectors by character, exported as ONNX, and a tokenizer of characters."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Sequence

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import ROOT, load_settings
from knowledge.dense.onnx import PROBE, TOKENS, load_encoder
from knowledge.dense.port import DenseModelFaulty
from knowledge.dense.similarity import BATCH, DenseIndex
from tests.support.tiny_models import (
    KINDS,
    NUMBER,
    TABLE,
    TEXTS,
    WIDTH,
    flat,
    looked_up,
    means,
    short,
    states,
    tokenizer,
    unit,
    whole,
    whole_only,
    with_mask_and_kinds,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model directory that is as it should be."""
    tokenizer(tmp_path)
    onnx.save(states(), str(tmp_path / "model.onnx"))
    return tmp_path


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


# --- vectors -----------------------------------------------------------------------------------------------------------
def test_a_vector_is_the_mean_over_the_tokens_at_unit_length(folder: Path) -> None:
    encoder = load_encoder(folder)
    vectors = encoder.encode(TEXTS)
    assert (encoder.dimensions, vectors.shape, vectors.dtype) == (WIDTH, (len(TEXTS), WIDTH), np.float32)
    assert np.allclose(vectors, means(TEXTS), atol=1e-6)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_padding_changes_no_vector(folder: Path) -> None:
    encoder = load_encoder(folder)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.allclose(encoder.encode(TEXTS), alone, atol=1e-6)


def test_many_texts_of_all_lengths_keep_their_order(folder: Path) -> None:
    texts = [PROBE[: 1 + place % len(PROBE)] for place in range(100)]
    assert np.allclose(load_encoder(folder).encode(texts), means(texts), atol=1e-6)


def test_a_long_text_is_cut_off(folder: Path) -> None:
    encoder = load_encoder(folder)
    assert np.allclose(encoder.encode(["证" * TOKENS + "丢" * 50]), encoder.encode(["证"]), atol=1e-5)
    assert not np.allclose(encoder.encode(["证" * (TOKENS - 1) + "丢" * 50]), encoder.encode(["证"]), atol=1e-5)


@pytest.mark.parametrize("text", ["", "  \n", "，"], ids=["empty", "blank", "no token"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_text_without_a_token_is_a_row_of_zeros(folder: Path, text: str, pooling: str) -> None:
    write(folder / "config.json", {"pooling_mode": pooling})
    encoder = load_encoder(folder)
    vectors = encoder.encode(["证", text, "照"])
    assert not vectors[1].any() and not encoder.encode([text]).any()
    assert np.allclose(vectors[[0, 2]], means(["证", "照"]), atol=1e-6)


def test_no_texts_give_no_rows(folder: Path) -> None:
    assert load_encoder(folder).encode([]).shape == (0, WIDTH)


def test_several_threads_share_a_model(folder: Path) -> None:
    encoder = load_encoder(folder)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda place: encoder.encode(TEXTS[place % 4:]), range(200)))
    assert all(np.allclose(vectors, means(TEXTS[place % 4:]), atol=1e-6) for place, vectors in enumerate(found))


def test_half_a_surrogate_pair_breaks_nothing(folder: Path) -> None:
    assert np.allclose(load_encoder(folder).encode(["证\ud83d"]), means(["证?"]), atol=1e-6)


@pytest.mark.parametrize(("place", "config"), [
    ("1_Pooling/config.json", {"word_embedding_dimension": WIDTH, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}),
    ("1_Pooling/config.json", {"pooling_mode": "cls"}),
    ("config.json", {"hidden_size": WIDTH, "pooling_mode_cls_token": True}),
], ids=["flags", "word", "config.json"])
def test_cls_pooling_takes_the_first_token(folder: Path, place: str, config: dict[str, Any]) -> None:
    write(folder / place, config)
    assert np.allclose(load_encoder(folder).encode(TEXTS), unit(np.stack([looked_up(text)[0] for text in TEXTS])), atol=1e-6)


@pytest.mark.parametrize("config", [{"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, {"pooling_mode": "mean"}, {}], ids=str)
def test_mean_pooling_may_be_said_or_left_out(folder: Path, config: dict[str, Any]) -> None:
    write(folder / "1_Pooling" / "config.json", config)
    write(folder / "config.json", {"model_type": "bert"})
    assert np.allclose(load_encoder(folder).encode(TEXTS), means(TEXTS), atol=1e-6)


@pytest.mark.parametrize(("prompts", "prompt"), [({"query": "问：", "document": "本"}, "问："), ({"document": "本"}, ""), (None, "")], ids=["query", "other", "null"])
def test_the_query_prompt_goes_before_each_text(folder: Path, prompts: Any, prompt: str) -> None:
    write(folder / "config_sentence_transformers.json", {"prompts": prompts})
    assert np.allclose(load_encoder(folder).encode(TEXTS), means([prompt + text for text in TEXTS]), atol=1e-6)


def test_the_model_is_given_all_that_it_asks_for(folder: Path) -> None:
    onnx.save(with_mask_and_kinds(), str(folder / "model.onnx"))
    encoder = load_encoder(folder)
    texts = ["换领护照", "证"]
    expected = unit(np.stack([looked_up(text).mean(axis=0) + KINDS[0] + 5 for text in texts]))   # five real tokens in this batch
    assert np.allclose(encoder.encode(texts), expected, atol=1e-6)


def test_a_sentence_embedding_is_taken_before_any_other_output(folder: Path) -> None:
    onnx.save(whole("sentence_embedding", "last_hidden_state"), str(folder / "model.onnx"))
    encoder = load_encoder(folder)
    assert np.allclose(encoder.encode(["换领护照"]), unit(looked_up("换领护照").max(axis=0)), atol=1e-6)


def test_without_known_names_the_first_output_of_three_axes_is_taken(folder: Path) -> None:
    onnx.save(whole("pooled", "features"), str(folder / "model.onnx"))
    assert np.allclose(load_encoder(folder).encode(TEXTS), means(TEXTS), atol=1e-6)


def test_the_model_may_stand_in_the_onnx_folder(folder: Path) -> None:
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")
    assert load_encoder(folder, threads=2).dimensions == WIDTH


def test_a_model_with_its_weights_beside_it_is_read(folder: Path) -> None:
    beside(folder)
    assert np.allclose(load_encoder(folder).encode(TEXTS), means(TEXTS), atol=1e-6)


# --- what can be wrong -------------------------------------------------------------------------------------------------
def beside(folder: Path) -> None:
    """Keep the weights in a file of their own."""
    onnx.save(states(), str(folder / "model.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=0)


def lost(folder: Path) -> None:
    beside(folder)
    (folder / "weights.bin").unlink()


def cut_off(folder: Path) -> None:
    beside(folder)
    (folder / "weights.bin").write_bytes(b"\0" * 8)


def saved(model: Callable[[], Any]) -> Callable[[Path], None]:
    return lambda folder: onnx.save(model(), str(folder / "model.onnx"))


def configured(place: str, content: Any) -> Callable[[Path], None]:
    return lambda folder: write(folder / place, content)


@pytest.mark.parametrize(("spoil", "message"), [
    (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer.json: save"),
    (configured("tokenizer.json", "{"), "tokenizer.json cannot be read: .*; fetch it again"),
    (lambda folder: (folder / "model.onnx").unlink(), "has no model.onnx: export"),
    (configured("model.onnx", "no model"), "model.onnx cannot be read: .*; fetch or export it again"),
    (configured("model.onnx", ""), "model.onnx cannot be read: .*; fetch or export it again"),
    (lost, "keeps its weights in weights.bin, which is missing .*: put that file beside it"),
    (cut_off, "model.onnx keeps its weights in .*, which is missing or cut off"),
    (saved(lambda: states(ids="pixels")), "asks for pixels: export"),
    (saved(lambda: states(ids="token_type_ids")), "asks for no input_ids: export"),
    (saved(whole_only), "no fitting output, only pooled: export"),
    (saved(flat), r"last_hidden_state has the shape \(1, 6\), not 3 axes"),
    (saved(lambda: states(table=TABLE[:, :0])), "last_hidden_state has dimension 0"),
    (saved(lambda: states(table=np.full_like(TABLE, np.nan))), "answers NaN or infinity: export it again in float32"),
    (saved(lambda: states(table=TABLE[:9])), "does not take the last token of tokenizer.json: .*; take both from the same model"),
    (saved(lambda: states(axes=[1, "tokens"])), "fails on a text: .*; export it with free axes"),
    (saved(short), "fails on a text: .*; export it with free axes, for batches and for 128 tokens"),
    (lambda folder: tokenizer(folder, "[^a-z]"), "finds nothing in a Chinese text: choose"),
    (configured("1_Pooling/config.json", {"pooling_mode_max_tokens": True}), "lacks a step of its pipeline, max_tokens pooling: export"),
    (configured("1_Pooling/config.json", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}), "pipeline, cls_token and mean_tokens pooling: export"),
    (configured("1_Pooling/config.json", "{"), "config.json cannot be read"),
    (configured("config.json", []), "config.json is no JSON object"),
    (configured("config_sentence_transformers.json", {"prompts": {"query": 1}}), "prompts.query is no text"),
    (configured("config_sentence_transformers.json", {"prompts": "query"}), "prompts.query is no text"),
    (configured("modules.json", [{"type": "sentence_transformers.models.Pooling"}, {"type": "sentence_transformers.models.Dense"}]), "lacks a step of its pipeline, Dense: export"),
], ids=["no tokenizer", "bad tokenizer", "no model", "bad model", "empty model", "lost weights", "cut weights", "strange input", "no ids",
        "no output", "flat output", "dimension 0", "NaN", "other tokenizer", "one text only", "few positions", "no Chinese", "max pooling", "two poolings", "bad JSON",
        "no object", "bad prompt", "bad prompts", "further step"])
def test_a_faulty_model_fails_at_start_and_says_why(folder: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(folder)
    with pytest.raises(DenseModelFaulty, match=message) as error:
        load_encoder(folder)
    assert str(error.value).isascii() and len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["nowhere", "tokenizer.json"], ids=["missing", "a file"])
def test_a_path_that_is_no_directory_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(DenseModelFaulty, match="is no directory: point HOTLINE_DENSE_MODEL at"):
        load_encoder(folder / name)


def test_the_name_of_the_folder_is_no_reason(tmp_path: Path) -> None:
    folder = tmp_path / "external"
    folder.mkdir()
    tokenizer(folder)
    write(folder / "model.onnx", "no model")
    with pytest.raises(DenseModelFaulty, match="model.onnx cannot be read"):
        load_encoder(folder)


def test_a_further_step_is_fine_inside_the_model(folder: Path) -> None:
    write(folder / "modules.json", [{"type": "sentence_transformers.models.Dense"}])
    write(folder / "1_Pooling" / "config.json", {"pooling_mode_max_tokens": True})
    onnx.save(whole("sentence_embedding", "last_hidden_state"), str(folder / "model.onnx"))
    assert load_encoder(folder).dimensions == WIDTH


def test_a_number_that_is_none_is_told_in_a_call_too(folder: Path) -> None:
    table = TABLE.copy()
    table[NUMBER["照"]] = np.inf
    onnx.save(states(table=table), str(folder / "model.onnx"))
    encoder = load_encoder(folder)
    assert encoder.encode(["证"]).all()
    with pytest.raises(DenseModelFaulty, match="NaN or infinity"):
        encoder.encode(["证", "护照"])


def test_nobody_pays_for_the_libraries_without_a_model() -> None:
    code = "import sys, knowledge.dense.onnx, knowledge.dense.similarity; print(sorted({'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip() == "[]"


def test_the_setting_is_a_path_and_off_by_default(tmp_path: Path) -> None:
    nothing = tmp_path / ".env"
    assert load_settings({}, nothing).dense_model is None
    assert load_settings({"HOTLINE_DENSE_MODEL": ""}, nothing).dense_model is None
    assert load_settings({"HOTLINE_DENSE_MODEL": str(tmp_path)}, nothing).dense_model == tmp_path


# --- the index ---------------------------------------------------------------------------------------------------------
class Planes:
    """Vectors in the plane at an angle in degrees, written as the text; “-” is a row of zeros. Keeps what it was asked."""

    dimensions = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        angles = np.radians([0.0 if text == "-" else float(text) for text in texts])
        rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32).reshape(len(texts), 2)
        rows[[place for place, text in enumerate(texts) if text == "-"]] = 0
        return rows


def test_the_nearest_come_best_first_and_equals_in_order() -> None:
    places, cosines = DenseIndex(Planes(), ["90", "10", "0", "10", "180"]).nearest("0", 4)
    assert places.tolist() == [2, 1, 3, 0]
    assert np.allclose(cosines, np.cos(np.radians([0, 10, 10, 90])), atol=1e-6)
    assert (places.dtype, cosines.dtype) == (np.int32, np.float32)
    assert DenseIndex(Planes(), ["10"] * 100).nearest("0", 50)[0].tolist() == list(range(50))


@pytest.mark.parametrize(("texts", "text", "wanted", "found"), [
    (["0", "90"], "0", 9, 2), (["0", "90"], "0", 0, 0), (["0", "90"], "-", 2, 0), ([], "0", 3, 0),
], ids=["more than there are", "none wanted", "nothing in the text", "empty index"])
def test_what_cannot_be_found_is_not_invented(texts: list[str], text: str, wanted: int, found: int) -> None:
    places, cosines = DenseIndex(Planes(), texts).nearest(text, wanted)
    assert len(places) == len(cosines) == found
    assert (places.dtype, cosines.dtype) == (np.int32, np.float32)


@given(st.lists(st.integers(0, 359), min_size=1, max_size=40), st.integers(0, 359), st.integers(1, 45))
def test_the_nearest_are_those_of_a_full_sort(angles: list[int], asked: int, wanted: int) -> None:
    index = DenseIndex(Planes(), [str(angle) for angle in angles])
    everything = index.similarity(str(asked), np.arange(len(angles), dtype=np.int32))
    places, cosines = index.nearest(str(asked), wanted)
    assert len(places) == min(wanted, len(angles)) == len(set(places.tolist()))
    assert np.allclose(cosines, np.sort(everything)[::-1][:wanted], atol=1e-6)
    assert np.allclose(everything[places], cosines, atol=1e-6)


def test_similarity_is_in_the_order_of_the_places() -> None:
    index = DenseIndex(Planes(), ["0", "60", "180", "-"])
    found = index.similarity("0", np.array([2, 0, 1, 3, 0], dtype=np.int32))
    assert found.dtype == np.float32
    assert np.allclose(found, [-1, 1, 0.5, 0, 1], atol=1e-6)
    assert index.similarity("0", np.empty(0, dtype=np.int32)).shape == (0,)


def test_a_question_is_encoded_once_for_both() -> None:
    encoder = Planes()
    index = DenseIndex(encoder, ["0", "60"])
    index.similarity("30", index.nearest("30", 2)[0])
    assert encoder.asked == ["0", "60", "30"]
    assert index.nearest("60", 1)[0].tolist() == [1]


def test_progress_is_told_for_each_batch() -> None:
    told: list[tuple[int, int]] = []
    total = 2 * BATCH + 1
    assert len(DenseIndex(Planes(), ["0"] * total, lambda at, of: told.append((at, of)))) == total
    assert told == [(BATCH, total), (2 * BATCH, total), (total, total)]


def test_added_appends_and_leaves_the_old_index_alone() -> None:
    encoder = Planes()
    old = DenseIndex(encoder, ["0", "90"])
    new = old.added(["45", "50"])
    assert encoder.asked == ["0", "90", "45", "50"]
    assert (len(old), len(new)) == (2, 4)
    assert new.nearest("44", 2)[0].tolist() == [2, 3]
    assert old.nearest("44", 2)[0].tolist() == [0, 1]
    assert len(old.added([])) == 2


def test_equal_texts_are_alike_by_one(folder: Path) -> None:
    write(folder / "config_sentence_transformers.json", {"prompts": {"query": "问："}})
    index = DenseIndex(load_encoder(folder), TEXTS[:2]).added(TEXTS[2:])
    for place, text in enumerate(TEXTS):
        places, cosines = index.nearest(text, 1)
        assert (places.tolist(), cosines[0]) == ([place], pytest.approx(1, abs=1e-5))
