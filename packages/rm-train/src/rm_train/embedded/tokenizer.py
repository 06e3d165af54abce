"""The embedded model's tokenizer: byte-level, with each fixed phrase of the templates as one token.

The questions and answers keep their published wording to the byte; what is compact is how they are
cut into tokens. A planning prompt is 17 tokens and a two-leg answer 14, where the tokenizer of
Qwen2.5-VL needs about 110 and 50. Any other text (real station names) is cut into bytes, so nothing
is out of vocabulary.
"""

from __future__ import annotations

from typing import Any, Final, cast

from tokenizers import AddedToken, pre_tokenizers
from transformers import Qwen2Tokenizer

SPECIAL: Final = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)

_ASK: Final = "According to the subway map, "
_BOXED: Final = 'in one "\\boxed{}". '

_LEG: Final = "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station"

PHRASES: Final = (
    # the wording of the questions, as rm_data writes it
    "Please solve the multiple choice problem and put your answer (one of ABCD) "
    + _BOXED
    + _ASK
    + "how many intermediate stops are there between ",
    " and ",
    " (except for this two stops)? \nA) ",
    " \nB) ",
    " \nC) ",
    " \nD) ",
    " \n",
    "Please solve the problem and put your answer "
    + _BOXED
    + _ASK
    + "how many lines pass through ",
    "Please solve the problem and put your answer "
    + _BOXED
    + _ASK
    + "how many subway (metro) lines are there in total?",
    "Please solve the problem and put your answer (only answer yes or no) "
    + _BOXED
    + _ASK
    + "is it true that ",
    " is the same line as ",
    " is on the line ",
    _ASK + "how do I get from ",
    " to ",
    "?\nProvide only one optimal route, with only the line name and the departure and arrival "
    "stations. The format should be strictly followed:\n" + _LEG + "\n--\n" + _LEG,
    # answers
    "\\boxed{",
    "yes",
    "no",
    "Route Name: ",
    "\nDeparture Stop: ",
    "\nArrival Stop: ",
    "\n--\n",
    # what the maps show
    *(
        f"{colour} Line"
        for colour in ("Red", "Blue", "Green", "Orange", "Purple", "Brown", "Pink", "Grey")
    ),
    # the lessons of the warm-up (rm_train.embedded.lessons)
    "Which lines pass through ",
    "Which line joins ",
    "Which stations are on the ",
    # the turns of a conversation
    "user\n",
    "assistant\n",
)

CHAT_TEMPLATE: Final = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{{ '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""Qwen's conversation format without a system turn: `<|im_start|>role`, text, `<|im_end|>`."""


def build_tokenizer() -> Qwen2Tokenizer:
    """The tokenizer, made from nothing but this file: bytes, phrases and special tokens."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Qwen2Tokenizer(
        vocab={symbol: number for number, symbol in enumerate(alphabet)},
        merges=[],
        unk_token=cast("Any", None),  # bytes: nothing is unknown
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=list(SPECIAL),
        model_max_length=8192,
        chat_template=CHAT_TEMPLATE,
    )
    phrases = [AddedToken(text, normalized=False, special=False) for text in PHRASES]
    tokenizer.add_tokens(cast("list[str]", phrases))  # the stub names one AddedToken only
    return tokenizer
