"""tantivy, a search engine: BM25 over words that jieba has split, or over the runs of one to three characters of its own tokenizer."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from benchmarks.matchers.base import LIMIT, Found, Matcher
from benchmarks.matchers.words import load, plain, words

HEAP = 256 * 2**20  # bytes for the writer; its least is 15 MB a thread


class _Searcher:
    def __init__(self, codes: Sequence[str], schema: Any, searcher: Any, terms: Callable[[str], list[str]]) -> None:
        import tantivy
        self._codes, self._schema, self._searcher, self._terms = codes, schema, searcher, terms
        self._query, self._should = tantivy.Query, tantivy.Occur.Should

    def find(self, text: str) -> Found:
        each = [(self._should, self._query.term_query(self._schema, "name", term, "freq")) for term in self._terms(text)]
        if not each:
            return Found([])
        hits = self._searcher.search(self._query.boolean_query(each), LIMIT).hits
        return Found([(self._codes[self._searcher.doc(address)["position"][0]], score) for score, address in hits])


class Tantivy:
    """An index in memory, written by one thread."""

    def __init__(self, split: str) -> None:
        """`split`: words or runs."""
        self._split = split

    def prepare(self) -> None:
        """Import the library, and read the dictionary where words are split."""
        import tantivy  # noqa: F401
        if self._split == "words":
            load()

    def build(self, names: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Matcher:
        """Index the names in one segment."""
        import tantivy
        tokenizer = tantivy.Tokenizer.whitespace() if self._split == "words" else tantivy.Tokenizer.ngram(1, 3, False)
        analyzer = tantivy.TextAnalyzerBuilder(tokenizer).build()
        schema = (tantivy.SchemaBuilder().add_text_field("name", tokenizer_name=self._split, index_option="freq")
                  .add_unsigned_field("position", stored=True).build())
        index = tantivy.Index(schema)
        index.register_tokenizer(self._split, analyzer)
        prepared = (lambda text: " ".join(words(text))) if self._split == "words" else plain
        writer = index.writer(HEAP, 1)
        for position, (_, text) in enumerate(names):
            writer.add_document(tantivy.Document(name=prepared(text), position=position))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return _Searcher([code for code, _ in names], schema, index.searcher(), lambda text: analyzer.analyze(prepared(text)))
