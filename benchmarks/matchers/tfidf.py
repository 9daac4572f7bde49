"""scikit-learn's TF-IDF over words and over runs of one to three characters; the mean of the two cosines."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from benchmarks.matchers.base import LIMIT, Found, Matcher
from benchmarks.matchers.words import load, plain, words


class _Cosine:
    def __init__(self, codes: Sequence[str], vectors: Any, postings: Any) -> None:
        self._codes, self._vectors, self._postings = codes, vectors, postings

    def find(self, text: str) -> Found:
        # The names stand in the columns, so that only the lists of the text's own terms are walked through.
        scores = (self._vectors.transform([text]) @ self._postings).tocoo()
        best = scores.data.argsort()[::-1][:LIMIT]
        return Found([(self._codes[scores.col[i]], float(scores.data[i]) / 2) for i in best])


class Tfidf:
    """Two vectorizers side by side, each of length one."""

    def prepare(self) -> None:
        """Import the library and read the dictionary of words."""
        import sklearn.feature_extraction.text
        import sklearn.pipeline  # noqa: F401
        load()

    def build(self, names: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Matcher:
        """Learn the rarities from the names alone."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import FeatureUnion
        vectors = FeatureUnion([("words", TfidfVectorizer(analyzer=words)),
                                ("characters", TfidfVectorizer(analyzer="char", ngram_range=(1, 3), preprocessor=plain))])
        return _Cosine([code for code, _ in names], vectors, vectors.fit_transform([text for _, text in names]).T.tocsr())
