"""Pipeline step: the ranked service items for a message, shown by /model/parse and carried to the actions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Callable

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from core.settings import load_settings
from knowledge.bootstrap import serving
from knowledge.matching.grouping import MAX_OFFERS
from knowledge.ports import Matcher

KNOWLEDGE = "knowledge"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class KnowledgeMatch(GraphComponent):
    """Sets `knowledge` on a message: decision, facet, candidates, choices (knowledge.model.Match as a dict)."""

    def __init__(self, matcher: Callable[[], Matcher]) -> None:
        """`matcher` returns the one in force, for the knowledge changes while the process lives."""
        self._matcher = matcher

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "KnowledgeMatch":
        knowledge = serving(load_settings())
        return cls(lambda: knowledge.matcher)

    def process(self, messages: list[Message]) -> list[Message]:
        """Match each message against what the hotline knows."""
        for message in messages:
            message.set(KNOWLEDGE, asdict(self._matcher().match(message.get(TEXT) or "", MAX_OFFERS)), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is: the classifier learns from words alone."""
        return training_data
