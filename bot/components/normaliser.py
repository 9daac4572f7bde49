"""Pipeline step: one form of text for training and for callers."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.facets import spoken
from zh.normalise import normalise

NOTHING = "。"  # marks that cannot be seen leave no word, and the classifier needs one


def prepare(text: str) -> str:
    """Return the text as the model sees it: normalised, Shandong's question words in the standard form."""
    return spoken(normalise(text)) or NOTHING


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class TextNormaliser(GraphComponent):
    """Replaces the text of each message by its normalised form, before the tokenizer."""

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "TextNormaliser":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Normalise callers' messages."""
        for message in messages:
            if message.get(TEXT) is not None:
                message.set(TEXT, prepare(message.get(TEXT)), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise training examples in the same way."""
        self.process(training_data.training_examples)
        return training_data
